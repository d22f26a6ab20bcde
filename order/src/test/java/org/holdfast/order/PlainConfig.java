package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.Random;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SeatTakeover;
import org.hyperledger.fabric.protos.common.Envelope;

/// A config that is nothing but the cutter's rules, for record streams without organisations. The config that follows
/// is written into its envelope as text; it follows when its sequence is the next one and its limits are some.
record PlainConfig(Cutter.Rules rules) implements CutterConfig {
    static PlainConfig of(long sequence, int messages, long preferred, long absolute) {
        return new PlainConfig(new Cutter.Rules(sequence, messages, preferred, absolute));
    }

    /// The envelope that leads to a config; `length` bytes of filling make it large.
    static ByteString envelope(Cutter.Rules next, int length) {
        String text = "%d %d %d %d %s"
                .formatted(
                        next.configSequence(),
                        next.maxMessages(),
                        next.preferredBytes(),
                        next.absoluteBytes(),
                        "x".repeat(length));
        return Envelope.newBuilder()
                .setPayload(ByteString.copyFromUtf8(text))
                .build()
                .toByteString();
    }

    static Cutter.Rules random(Random random, long sequence) {
        return new Cutter.Rules(sequence, 1 + random.nextInt(7), 60 + random.nextInt(300), 450 + random.nextInt(200));
    }

    @Override
    public ChannelConfig config() {
        throw new AssertionError("no cutter looks further than the rules");
    }

    @Override
    public PlainConfig after(ByteString envelope, long blockNumber, long timeMillis) {
        String[] words;
        try {
            words = Envelope.parseFrom(envelope).getPayload().toStringUtf8().split(" ", -1);
        } catch (java.io.IOException e) {
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "no config").asException();
        }
        if (words.length < 4 || !words[0].equals(Long.toString(rules.configSequence() + 1))) {
            throw Refusal.of(Code.STALE_CONFIG, "config %s does not follow %d", words[0], rules.configSequence())
                    .asException();
        }
        return of(Long.parseLong(words[0]), (int) limit(words[1]), limit(words[2]), limit(words[3]));
    }

    /// A real config is refused whose limits are none, and so is this.
    private static long limit(String word) {
        if (!word.matches("[1-9][0-9]{0,8}")) {
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "%s is no limit", word).asException();
        }
        return Long.parseLong(word);
    }

    @Override
    public boolean signed(SeatTakeover takeover) {
        return takeover.getSignature().equals(RecordStream.GOOD_SIGNATURE);
    }
}
