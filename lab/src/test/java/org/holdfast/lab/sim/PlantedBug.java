package org.holdfast.lab.sim;

import com.google.errorprone.annotations.Immutable;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// Bugs of the rooms above the log, put into their compiled code as it is loaded: each is what a careless change might
/// do. Production code has no switch for them.
enum PlantedBug {
    /// A record that was applied before is applied again.
    DEDUP_FORGOTTEN("order.Origins", "judge", PlantedBug::alwaysApplied),
    /// After a restart the record in progress is read from its beginning.
    TAKEN_IGNORED(
            "order.Cutter",
            "applyBatch",
            code -> code.aload(0).iconst_0().putfield(order("Cutter"), "taken", ConstantDescs.CD_int)),
    /// After a restart nothing is known of a record in progress.
    PROGRESS_FORGOTTEN("order.Resume", "current", code -> {
        Label own = always(code);
        empty(code).labelBinding(own);
    }),
    /// After a restart the newest time is forgotten.
    TIME_FORGOTTEN("order.Resume", "timeMillis", code -> {
        Label own = always(code);
        code.lconst_0().lreturn().labelBinding(own);
    }),
    /// After a restart the log is read from behind the first fragments of an envelope.
    FRAGMENTS_FORGOTTEN("order.Resume", "replayAfter", code -> {
        Label own = always(code);
        code.aload(0)
                .getfield(order("Resume"), "consumed", order("OrderedLog$Position"))
                .areturn()
                .labelBinding(own);
    }),
    /// An envelope is answered when its record is made.
    ANSWERED_AT_APPEND("order.Gate", "add", code -> answer(code.aload(1))),
    /// An envelope is answered when its record is committed, not when it is applied.
    ANSWERED_AT_COMMIT("order.Gate", "answered", code -> {
        Label own = code.newLabel();
        code.iload(3).ifeq(own);
        answer(code.aload(1)).labelBinding(own);
    }),
    /// An envelope whose fate is not known is called not ordered.
    UNKNOWN_CALLED_REFUSED("order.Answers", "unknownOutcome", code -> {
        Label own = always(code);
        ClassDesc refusal = ClassDesc.of("org.holdfast.wire.Refusal");
        code.aload(0)
                .invokevirtual(order("Answers"), "notOrdered", MethodTypeDesc.of(refusal))
                .areturn()
                .labelBinding(own);
    }),
    /// The ledger says it is durable, and nothing was forced.
    FORCE_SKIPPED("ledger.Ledger", "force", code -> {
        Label own = always(code);
        code.aload(0)
                .invokevirtual(ledger("Ledger"), "height", MethodTypeDesc.of(ConstantDescs.CD_long))
                .lreturn()
                .labelBinding(own);
    }),
    /// The ledger's mark and index are forced, its blocks are not.
    BLOCKS_NOT_FORCED("ledger.Ledger", "forceBlocks", code -> {
        Label own = always(code);
        code.return_().labelBinding(own);
    }),
    /// A record that was judged by a config no longer in force is applied.
    OLD_CONFIG_ADMITTED("order.Cutter", "outdated", code -> {
        Label own = always(code);
        code.iconst_0().ireturn().labelBinding(own);
    }),
    /// A config in a block from a peer does not come into force.
    FETCHED_CONFIG_IGNORED("order.Spine", "follow", code -> {
        Label own = always(code);
        empty(code).labelBinding(own);
    }),
    /// Blocks of a peer are taken without a look.
    BLOCKS_UNCHECKED("order.CatchUp", "fault", code -> {
        Label own = always(code);
        empty(code).labelBinding(own);
    });

    /// Writes code.
    @Immutable
    interface First {
        void write(CodeBuilder code);
    }

    private final String type;
    private final String method;
    private final First first;

    PlantedBug(String type, String method, First first) {
        this.type = type;
        this.method = method;
        this.first = first;
    }

    /// Name of the class that has the bug.
    String type() {
        return "org.holdfast." + type;
    }

    String method() {
        return method;
    }

    /// Code before the method's own.
    First first() {
        return first;
    }

    private static ClassDesc order(String name) {
        return ClassDesc.of("org.holdfast.order." + name);
    }

    private static ClassDesc ledger(String name) {
        return ClassDesc.of("org.holdfast.ledger." + name);
    }

    /// What follows is done always, but the method's own code, at the label, stays reachable for the verifier.
    private static Label always(CodeBuilder code) {
        Label own = code.newLabel();
        code.aload(0).ifnull(own);
        return own;
    }

    private static void alwaysApplied(CodeBuilder code) {
        Label own = always(code);
        code.getstatic(order("Fate"), "APPLIED", order("Fate")).areturn().labelBinding(own);
    }

    private static CodeBuilder empty(CodeBuilder code) {
        ClassDesc optional = ClassDesc.of("java.util.Optional");
        return code.invokestatic(optional, "empty", MethodTypeDesc.of(optional)).areturn();
    }

    /// Answers the flight on the stack.
    private static CodeBuilder answer(CodeBuilder code) {
        return code.invokestatic(
                ClassDesc.of("org.holdfast.lab.sim.TooEarly"),
                "answer",
                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object));
    }
}
