package dev.tendril.infra.mutant;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/// Where a constant of a rule's class holds the rule's text, makes the program ask [MutantSwitch]
/// for it each time.
public final class MutantAgent {
    private static final ClassDesc SWITCH = ClassDesc.of("dev.tendril.infra.mutant.MutantSwitch");
    private static final MethodTypeDesc APPLY =
            MethodTypeDesc.of(
                    ConstantDescs.CD_String, ConstantDescs.CD_String, ConstantDescs.CD_String);

    private MutantAgent() {}

    /// @param folder with the rules, and where the switches are
    public static void premain(String folder, Instrumentation instrumentation) throws IOException {
        MutantSwitch.load(Path.of(folder));
        instrumentation.addTransformer(new Rewriter());
    }

    private static final class Rewriter implements ClassFileTransformer {
        @Override
        public byte @Nullable [] transform(
                @Nullable ClassLoader loader,
                @Nullable String name,
                @Nullable Class<?> redefined,
                @Nullable ProtectionDomain domain,
                byte[] bytes) {
            if (name == null || !MutantSwitch.concerns(name)) {
                return null;
            }
            var file = ClassFile.of();
            return file.transformClass(
                    file.parse(bytes),
                    ClassTransform.transformingMethodBodies(
                            (builder, element) -> rewrite(name, builder, element)));
        }

        private static void rewrite(String name, CodeBuilder builder, CodeElement element) {
            builder.with(element);
            if (element instanceof ConstantInstruction.LoadConstantInstruction load
                    && load.constantValue() instanceof String text) {
                for (String rule : MutantSwitch.rulesFor(name, text)) {
                    builder.loadConstant(rule);
                    builder.invokestatic(SWITCH, "apply", APPLY);
                }
            }
        }
    }
}
