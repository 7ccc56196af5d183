package dev.tendril.worker;

import dev.tendril.contract.run.Tags;
import dev.tendril.worker.cli.Settings;
import dev.tendril.worker.cli.Version;
import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.content.GuideModel;
import dev.tendril.worker.link.Announcement;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelInfo;
import dev.tendril.worker.model.ModelProfile;
import dev.tendril.worker.model.ModelProfiles;
import dev.tendril.worker.model.Models;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import io.micronaut.json.JsonMapper;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who answers: the model of the flags, else the profiles of `worker.yml` that the policy names for
/// the role, else the built-in guide.
final class Answerers {
    private static final Logger LOG = LoggerFactory.getLogger(Answerers.class);

    private final ModelClient visitors;
    private final UUID instance = UUID.randomUUID();
    private volatile Runnable onNamed = () -> {};

    /// @throws BadFile when the policy names a profile that does not exist
    Answerers(
            Settings settings,
            WorkerFile file,
            Policy policy,
            Path content,
            HttpClient http,
            JsonMapper json)
            throws BadFile {
        ModelProfiles profiles = profiles(settings, file);
        if (profiles.all().isEmpty()) {
            LOG.info(
                    "No model endpoint was named: the built-in guide answers, which is no"
                            + " language model, from the pages in {}",
                    content);
            var guide = new GuideModel(content, GuideModel.WORDS_PER_SECOND);
            Thread.ofVirtual().name("guide-warm-up").start(guide::warmUp);
            visitors = guide;
            return;
        }
        check(profiles, policy);
        var models = new Models(http, json, () -> onNamed.run());
        List<ModelProfile> chosen = profiles.named(names(settings, policy, Role.VISITOR));
        visitors = models.inOrder(chosen);
        for (ModelProfile profile : chosen) {
            LOG.info("Answers come from {} at {}", profile.name(), profile.endpoint());
        }
    }

    private static ModelProfiles profiles(Settings settings, WorkerFile file) {
        var endpoint = settings.model().endpoint();
        return endpoint == null
                ? file.models()
                : ModelProfiles.of(ModelProfile.of(endpoint, settings.model().timeouts()));
    }

    /// The flags name one model, and it answers everybody.
    private static List<String> names(Settings settings, Policy policy, Role role) {
        return settings.model().endpoint() == null ? policy.of(role).models() : List.of();
    }

    private static void check(ModelProfiles profiles, Policy policy) {
        for (Role role : Role.values()) {
            boolean limited = policy.of(role).budget().money().signum() > 0;
            for (ModelProfile profile : profiles.all().values()) {
                var price = profile.traits().price();
                if (limited && price.in().add(price.out()).compareTo(BigDecimal.ZERO) == 0) {
                    LOG.warn(
                            "The policy limits what a {}'s turn may cost, but the model profile {}"
                                    + " has no prices in worker.yml: it counts as free",
                            role.key(),
                            profile.name());
                }
            }
        }
    }

    /// For visitors' turns.
    ModelClient visitors() {
        return visitors;
    }

    void announceTo(RelayLink link) {
        onNamed = link::announceAgain;
    }

    UUID instance() {
        return instance;
    }

    /// What was given, and the model.
    List<String> offers(List<String> given) {
        List<String> offers = new ArrayList<>(given);
        offers.add(visitors.info().kind());
        offers.add(Tags.model(visitors.info().name()));
        return Tags.sorted(offers);
    }

    Supplier<Announcement> announcement() {
        return () -> {
            ModelInfo info = visitors.info();
            return new Announcement(info.name(), info.kind(), Version.text(), instance);
        };
    }
}
