package dev.tendril.service.property;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PropertyTest {

    @Test
    void aFailingCaseIsShrunkToWhatMakesItFail() {
        Property<Integer> property =
                new Property<>(
                        "no seven before a three",
                        random -> random.ints(60, 0, 10).boxed().toList(),
                        list -> {
                            int seven = list.indexOf(7);
                            assertTrue(seven < 0 || list.lastIndexOf(3) < seven, "7 … 3");
                        });
        String told = assertThrows(AssertionError.class, () -> property.check(50)).getMessage();
        assertTrue(told.contains(" 2 of 60 commands are enough:\n  7\n  3\n"), told);
        assertTrue(told.contains("seed "), told);
    }

    @Test
    void aSeedIsTheSameCases() {
        List<List<Integer>> seen = new ArrayList<>();
        Property<Integer> property =
                new Property<>("anything", random -> random.ints(5).boxed().toList(), seen::add);
        String before = System.getProperty("test.seed");
        System.setProperty("test.seed", "42");
        try {
            property.check(3);
            property.check(3);
        } finally {
            if (before == null) {
                System.clearProperty("test.seed");
            } else {
                System.setProperty("test.seed", before);
            }
        }
        assertEquals(seen.subList(0, 3), seen.subList(3, 6));
    }
}
