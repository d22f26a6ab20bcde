package org.holdfast.lab.drill;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A Java agent that plants a bug in a node as its classes are loaded: production code has no switch for it.
public final class PlantAgent {
    private static final ClassDesc GATE = order("Gate");
    private static final ClassDesc ANSWERS = order("Answers");
    private static final ClassDesc FLIGHT = order("Flight");
    private static final ClassDesc FATE = order("Fate");
    private static final ClassDesc ROUTE = order("LeaderRoute");
    private static final ClassDesc LOG = order("OrderedLog");
    private static final ClassDesc POSITION = order("OrderedLog$Position");
    private static final ClassDesc LIST = ClassDesc.of("java.util.List");
    private static final ClassDesc FUTURE = ClassDesc.of("java.util.concurrent.CompletableFuture");
    private static final ClassDesc BYTES = ClassDesc.of("com.google.protobuf.ByteString");
    private static final ClassDesc REFUSAL = ClassDesc.of("org.holdfast.wire.Refusal");

    private static final Long SKIPPED = 8L;

    private PlantAgent() {}

    /// What is put before the body of a method.
    ///
    /// @param type internal name of the class
    private record Change(String type, String method, Consumer<CodeBuilder> first) {}

    /// Called by the JVM before the node's main method.
    ///
    /// @param plant name of a [Plant]
    public static void premain(String plant, Instrumentation instrumentation) {
        List<Change> changes = changes(Plant.valueOf(plant));
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte @Nullable [] transform(
                    ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] bytes) {
                byte @Nullable [] result = null;
                for (Change change : changes) {
                    if (change.type.equals(name)) {
                        result = planted(loader, change, result == null ? bytes : result);
                    }
                }
                return result;
            }
        });
    }

    private static byte[] planted(ClassLoader loader, Change change, byte[] bytes) {
        try {
            ClassHierarchyResolver types = ClassHierarchyResolver.ofResourceParsing(loader);
            ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(types));
            ClassTransform transform = ClassTransform.transformingMethodBodies(
                    method -> method.methodName().equalsString(change.method), atStart(change.first));
            byte[] result = files.transformClass(files.parse(bytes), transform);
            System.out.println("planted in " + change.type + "." + change.method);
            return result;
        } catch (RuntimeException e) {
            // The JVM would drop it and run the sound code.
            e.printStackTrace();
            Runtime.getRuntime().halt(87);
            throw e;
        }
    }

    private static CodeTransform atStart(Consumer<CodeBuilder> first) {
        return new CodeTransform() {
            @Override
            public void atStart(CodeBuilder code) {
                first.accept(code);
            }

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
            }
        };
    }

    private static List<Change> changes(Plant plant) {
        Change twice = new Change(name("LeaderRoute"), "append", PlantAgent::appendToo);
        return switch (plant) {
            case EARLY_ACKNOWLEDGEMENT -> List.of(new Change(name("Gate"), "add", PlantAgent::answerNow));
            case DOUBLE_SUBMIT -> List.of(twice);
            case DOUBLE_APPLY -> List.of(twice, new Change(name("Origins"), "judge", PlantAgent::alwaysApplied));
            case LOST_TAIL -> List.of(skipSome());
            case DEAF_TO_CLOCKS -> List.of(new Change(name("ClockWatch"), "giveUpLeading", PlantAgent::doNothing));
            case LATE_CONFIG ->
                number() == 3 ? List.of(new Change(name("Cutter"), "outdated", PlantAgent::never)) : List.of();
            case DROPPED_ENVELOPE -> List.of(new Change(name("Cutter"), "takeEnvelope", PlantAgent::dropSome));
        };
    }

    /// A node's process runs in the node's directory.
    private static int number() {
        String directory = Path.of("").toAbsolutePath().getFileName().toString();
        return Integer.parseInt(directory.replace("node", ""));
    }

    /// Cutter.outdated(Record): whatever the record.
    private static void never(CodeBuilder code) {
        Label own = code.newLabel();
        code.aload(1).ifnull(own).iconst_0().ireturn().labelBinding(own);
    }

    /// Origins.judge(Origin): whatever the origin. The method's own code stays reachable, or it would not verify.
    private static void alwaysApplied(CodeBuilder code) {
        Label own = code.newLabel();
        code.aload(1).ifnull(own).getstatic(FATE, "APPLIED", FATE).areturn().labelBinding(own);
    }

    /// ClockWatch.giveUpLeading(): returns. As above, the method's own code stays reachable.
    private static void doNothing(CodeBuilder code) {
        Label own = code.newLabel();
        code.aload(0).ifnull(own).return_().labelBinding(own);
    }

    /// The reader of a log that is opened again begins too late. Several entries: one may be the engine's own.
    private static Change skipSome() {
        return new Change(name("raft/Delivery"), "<init>", code -> {
            // After `new`: the second argument becomes the position after it, unless it is the beginning of the log.
            Label beginning = code.newLabel();
            code.aload(2)
                    .invokevirtual(POSITION, "index", MethodTypeDesc.of(ConstantDescs.CD_long))
                    .lconst_0()
                    .lcmp()
                    .ifeq(beginning)
                    .new_(POSITION)
                    .dup()
                    .aload(2)
                    .invokevirtual(POSITION, "term", MethodTypeDesc.of(ConstantDescs.CD_long))
                    .aload(2)
                    .invokevirtual(POSITION, "index", MethodTypeDesc.of(ConstantDescs.CD_long))
                    .ldc(SKIPPED)
                    .ladd()
                    .invokespecial(
                            POSITION,
                            ConstantDescs.INIT_NAME,
                            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_long))
                    .astore(2)
                    .labelBinding(beginning);
        });
    }

    /// Gate.add(Flight): its envelopes are answered before the record is sent.
    private static void answerNow(CodeBuilder code) {
        code.aload(0)
                .getfield(GATE, "answers", ANSWERS)
                .aload(1)
                .getfield(FLIGHT, "offers", LIST)
                .aconst_null()
                .invokevirtual(ANSWERS, "give", MethodTypeDesc.of(ConstantDescs.CD_void, LIST, REFUSAL));
    }

    /// LeaderRoute.append(ByteString): the record goes into the log once more.
    private static void appendToo(CodeBuilder code) {
        code.aload(0)
                .getfield(ROUTE, "log", LOG)
                .aload(1)
                .invokeinterface(LOG, "append", MethodTypeDesc.of(FUTURE, BYTES))
                .pop();
    }

    /// Cutter.takeEnvelope(ByteString, ...): one of 64 is forgotten, the same on every node.
    private static void dropSome(CodeBuilder code) {
        Label keep = code.newLabel();
        code.aload(1)
                .invokevirtual(ConstantDescs.CD_Object, "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int))
                .bipush(63)
                .iand()
                .ifne(keep)
                .return_()
                .labelBinding(keep);
    }

    private static String name(String type) {
        return "org/holdfast/order/" + type;
    }

    private static ClassDesc order(String type) {
        return ClassDesc.of("org.holdfast.order." + type);
    }
}
