package org.holdfast.channel;

import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;

/// Why an update is refused, told by the rule that it breaks; [ConfigUpdates] puts before it what was being done. Has
/// no stack trace: it is no bug.
final class UpdateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final String text;

    UpdateFault(Code code, String text) {
        super(text, null, false, false);
        this.code = code;
        this.text = text;
    }

    /// The same fault, told from further outside.
    UpdateFault within(String doing) {
        return new UpdateFault(code, doing + ": " + text);
    }

    Refusal refusal() {
        return new Refusal(code, text);
    }
}
