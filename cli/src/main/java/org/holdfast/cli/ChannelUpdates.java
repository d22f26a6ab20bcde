package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.channel.ConfigJson;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.channel.UpdateSignatures;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast channel sign` and `update`: config updates that travel as files between those who have to sign them.
final class ChannelUpdates {
    private ChannelUpdates() {}

    private static ConfigFile.Update read(Session session, Path file) {
        try {
            return ConfigFile.update(file, ConfigFile.content(session.world().disk(), file));
        } catch (MalformedConfig e) {
            throw ChannelCommand.told(file, e);
        }
    }

    @Command(
            name = "sign",
            description = "Adds signatures to the config update in a file.",
            footer = {
                "",
                "The file is written back as what it was, JSON or serialized: an envelope that 'channel update' and",
                "Fabric's 'peer channel signconfigtx' and 'update' take.",
                "",
                "Example, on the machine that has the key, without a network:",
                "  holdfast channel sign demo-4.update.pb --as Org1MSP=users/Admin@org1.example.com/msp"
            })
    static final class Sign implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "FILE", description = "The update.")
        private Path file = Path.of("");

        @Option(
                names = "--as",
                paramLabel = "WHO",
                required = true,
                description = "Who signs: MSPID (its Admin), MSPID/USER, or MSPID=DIRECTORY of an MSP with its key.")
        private List<String> as = new ArrayList<>();

        Sign(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ConfigFile.Update update = read(session, file);
            NetworkDir dir = dirOption.open(session);
            ConfigUpdateEnvelope signed = update.envelope();
            for (String word : as) {
                Signer signer = Signer.named(dir, word);
                if (UpdateRun.hasSigned(signed, signer.identity())) {
                    session.screen().note("%s has signed it already".formatted(signer.name()));
                    continue;
                }
                signed = signed.toBuilder()
                        .addSignatures(
                                UpdateSignatures.sign(signer.identity(), signed.getConfigUpdate(), session.world()))
                        .build();
                session.screen()
                        .say("%s has signed the update of channel %s".formatted(signer.name(), update.channel()));
            }
            if (!signed.equals(update.envelope())) {
                ByteString envelope = ConfigFile.unsigned(session.world(), update.channel(), signed);
                session.world()
                        .disk()
                        .replace(
                                file.toAbsolutePath(),
                                update.json()
                                        ? ConfigJson.write(ConfigJson.Type.ENVELOPE, envelope)
                                                .getBytes(StandardCharsets.UTF_8)
                                        : envelope.toByteArray());
            }
            session.screen()
                    .say("%s has %d signatures; with all it needs: holdfast channel update %s"
                            .formatted(file, signed.getSignaturesCount(), file));
            return 0;
        }
    }

    @Command(
            name = "update",
            description = "Submits the config update in a file and waits until it is in force on all nodes.",
            footer = {
                "",
                "Takes envelopes (of 'channel edit --out', of 'peer channel signconfigtx'), a ConfigUpdateEnvelope or",
                "a ConfigUpdate ('configtxlator compute_update'), serialized or as configtxlator's JSON. Signatures",
                "that are missing are added with the keys that are here.",
                "",
                "Exit codes: 0 in force on all nodes, 1 refused, 2 wrong usage, 3 accepted but not in force on all",
                "nodes within --wait, 4 more signatures are needed: they are told, and the update is in a file.",
                "",
                "Example:",
                "  holdfast channel update demo-4.update.pb"
            })
    static final class Update implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Mixin
        private final SigningOptions signing = new SigningOptions();

        @Parameters(paramLabel = "FILE", description = "The update.")
        private Path file = Path.of("");

        Update(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ConfigFile.Update update = read(session, file);
            NetworkDir dir = dirOption.open(session);
            try (Client client = Client.governing(session, dir, update.channel(), Optional.empty())) {
                LiveConfig now = LiveConfig.now(session, client);
                ChangeReport report = new ChangeReport(session, update.channel(), signing.json());
                return report.end(new UpdateRun(session, dir, signing, client, report).run(now.config(), update));
            } catch (UpdateRun.Overtaken e) {
                throw CommandFault.failed(
                        "the channel's config is not any more the one this update was made for (%s); make it anew",
                        Decode.reason(e));
            }
        }
    }
}
