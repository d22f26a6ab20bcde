package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.holdfast.keyspace.CommandEnvelope;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;
import tools.jackson.databind.node.ObjectNode;

/// Shows the envelopes of blocks, one a line, as JSON or for people. Belongs to the command's thread.
final class EnvelopePrinter {
    private static final ByteString LINE_END = ByteString.copyFromUtf8("\n");

    /// Creators remembered by name; a channel has few.
    private static final int CREATORS_MAX = 1000;

    private static final int TEXT_MAX = 200;

    private final Output out;
    private final boolean json;
    private final Map<ByteString, String> creators = new LinkedHashMap<>();

    EnvelopePrinter(Output out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /// Shows a block's envelopes at once.
    ///
    /// @return false when the reader has left
    boolean print(BlockView block) {
        long number = block.header().number();
        for (int index = 0; index < block.data().size() && !out.gone(); index++) {
            String line = line(number, index, block.data().get(index)) + "\n";
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            out.write(bytes, bytes.length);
        }
        return out.flush();
    }

    /// Prints the payloads of a block, except of config envelopes.
    ///
    /// @return false when nobody reads any more
    boolean printPayloads(BlockView block) {
        for (ByteString bytes : block.data()) {
            try {
                EnvelopeView envelope = EnvelopeView.of(bytes);
                if (envelope.channelHeader().getType() != HeaderType.CONFIG_VALUE) {
                    byte[] payload = envelope.data().concat(LINE_END).toByteArray();
                    out.write(payload, payload.length);
                }
            } catch (InvalidProtocolBufferException e) {
                throw CommandFault.failed(
                        "block %d holds an envelope that cannot be decoded; read it with --json",
                        block.header().number());
            }
        }
        return out.flush();
    }

    String line(long block, int index, ByteString bytes) {
        try {
            EnvelopeView envelope = EnvelopeView.of(bytes);
            return json ? Json.line(object(block, index, envelope)) : text(block, index, envelope);
        } catch (InvalidProtocolBufferException e) {
            ObjectNode unreadable = Json.object()
                    .put("block", block)
                    .put("index", index)
                    .put("type", "UNREADABLE")
                    .put("payloadBase64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
            return json
                    ? Json.line(unreadable)
                    : "block %d [%d] unreadable envelope of %d bytes".formatted(block, index, bytes.size());
        }
    }

    private ObjectNode object(long block, int index, EnvelopeView envelope) {
        ObjectNode object = Json.object()
                .put("block", block)
                .put("index", index)
                .put("txId", envelope.channelHeader().getTxId())
                .put("type", type(envelope))
                .put("timestamp", time(envelope.channelHeader().getTimestamp()))
                .put("creator", creator(envelope.creator()));
        if (isConfig(envelope)) {
            return object;
        }
        Optional<CommandText> commands = CommandText.of(envelope);
        if (commands.isPresent()) {
            commands.get().into(object);
            return object;
        }
        Optional<String> text = utf8(envelope.data());
        return text.isPresent()
                ? object.put("payload", text.get())
                : object.put(
                        "payloadBase64",
                        Base64.getEncoder().encodeToString(envelope.data().toByteArray()));
    }

    private String text(long block, int index, EnvelopeView envelope) {
        String content = isConfig(envelope)
                ? "(channel configuration)"
                : CommandText.of(envelope)
                        .map(CommandText::text)
                        .or(() -> utf8(envelope.data()).map(EnvelopePrinter::printable))
                        .orElseGet(() -> "(%d bytes)".formatted(envelope.data().size()));
        return "block %d [%d] %s %s %s %s"
                .formatted(
                        block,
                        index,
                        time(envelope.channelHeader().getTimestamp()),
                        type(envelope),
                        creator(envelope.creator()),
                        content);
    }

    /// Control characters must not reach a terminal.
    private static String printable(String text) {
        String shown = text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "..." : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }

    private static boolean isConfig(EnvelopeView envelope) {
        return envelope.channelHeader().getType() == HeaderType.CONFIG_VALUE;
    }

    private static String type(EnvelopeView envelope) {
        int number = envelope.channelHeader().getType();
        HeaderType type = HeaderType.forNumber(number);
        if (number == CommandEnvelope.TYPE) {
            return "COMMANDS";
        }
        return type == null ? Integer.toString(number) : type.name();
    }

    private static String time(Timestamp stamp) {
        try {
            return Instant.ofEpochSecond(stamp.getSeconds(), stamp.getNanos()).toString();
        } catch (java.time.DateTimeException | ArithmeticException outOfRange) {
            return stamp.getSeconds() + "s";
        }
    }

    private static Optional<String> utf8(ByteString bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.asReadOnlyByteBuffer())
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private String creator(ByteString creator) {
        String known = creators.get(creator);
        if (known == null) {
            if (creators.size() >= CREATORS_MAX) {
                creators.clear();
            }
            known = nameOf(creator);
            creators.put(creator, known);
        }
        return known;
    }

    /// `MSP/common name`; empty for no creator (a genesis block).
    private static String nameOf(ByteString creator) {
        if (creator.isEmpty()) {
            return "";
        }
        try {
            SerializedIdentity identity = SerializedIdentity.parseFrom(creator);
            X509Certificate certificate =
                    Pem.firstCertificate(identity.getIdBytes().toByteArray(), "the creator");
            String subject = certificate.getSubjectX500Principal().getName();
            for (Rdn part : new LdapName(subject).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return identity.getMspid() + "/" + part.getValue();
                }
            }
            return identity.getMspid() + "/" + subject;
        } catch (InvalidProtocolBufferException | BadMaterial | InvalidNameException e) {
            return "unreadable";
        }
    }
}
