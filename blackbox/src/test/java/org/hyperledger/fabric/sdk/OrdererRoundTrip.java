package org.hyperledger.fabric.sdk;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.hyperledger.fabric.protos.common.Common;
import org.hyperledger.fabric.protos.orderer.Ab;
import org.hyperledger.fabric.sdk.exception.TransactionException;
import org.hyperledger.fabric.sdk.identity.X509Enrollment;
import org.hyperledger.fabric.sdk.security.CryptoSuite;
import org.hyperledger.fabric.sdk.transaction.ProtoUtils;
import org.hyperledger.fabric.sdk.transaction.TransactionContext;

/// What an application built on Fabric's Java SDK does at an orderer, done by the SDK: it signs, binds to its TLS
/// certificate, seeks and reads answers. Lies in the SDK's package, because there broadcasting without endorsements of
/// a peer is not for everybody.
///
/// Prints one line for each thing it learned; exits with 1 on anything unexpected.
final class OrdererRoundTrip {
    private final Properties given;
    private final HFClient client;
    private final Orderer orderer;
    private final Channel channel;

    private OrdererRoundTrip(Properties given) throws Exception {
        this.given = given;
        client = HFClient.createNewInstance();
        client.setCryptoSuite(CryptoSuite.Factory.getCryptoSuite());
        client.setUserContext(new Member(
                given.getProperty("mspId"),
                new X509Enrollment(key(file("key")), Files.readString(file("certificate")))));
        orderer = client.newOrderer("node", given.getProperty("url"), connection());
        channel = client.newChannel(given.getProperty("channel"));
        channel.addOrderer(orderer);
    }

    /// @param args a properties file: url, channel, mspId, certificate, key, root, tlsCertificate, tlsKey, count
    public static void main(String[] args) throws Exception {
        Properties given = new Properties();
        given.load(new StringReader(Files.readString(Path.of(args[0]))));
        OrdererRoundTrip trip = new OrdererRoundTrip(given);
        trip.readConfig();
        trip.broadcastAndRead(Integer.parseInt(given.getProperty("count")));
        trip.beRefused();
        trip.channel.shutdown(true);
        say("done");
        // The SDK leaves threads behind.
        System.exit(0);
    }

    private void readConfig() throws Exception {
        byte[] config = channel.getChannelConfigurationBytes(client.getUserContext(), orderer);
        say("config %d bytes", config.length);
        Common.Block genesis = blocks(seek(specified(0), specified(0))).getFirst();
        say("block 0 data %s", hex(genesis.getHeader().getDataHash()));
    }

    private void broadcastAndRead(int count) throws Exception {
        long height = newest() + 1;
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TransactionContext context = channel.newTransactionContext();
            Ab.BroadcastResponse answer = orderer.sendTransaction(envelope(context, "payload " + i));
            say("broadcast %s %s", answer.getStatus(), context.getTxID());
            sent.add(context.getTxID());
        }
        List<String> read = new ArrayList<>();
        for (long number = height; read.size() < count; number++) {
            // Waits for the block: the SDK asks with BLOCK_UNTIL_READY.
            Common.Block block =
                    blocks(seek(specified(number), specified(number))).getFirst();
            for (ByteString bytes : block.getData().getDataList()) {
                read.add(transactionId(bytes));
            }
            say(
                    "block %d of %d transactions, previous %s",
                    block.getHeader().getNumber(),
                    block.getData().getDataCount(),
                    hex(block.getHeader().getPreviousHash()));
        }
        say("%s", read.equals(sent) ? "read what was sent" : "READ " + read + " INSTEAD OF " + sent);
    }

    private static String transactionId(ByteString envelope) throws IOException {
        Common.Payload payload =
                Common.Payload.parseFrom(Common.Envelope.parseFrom(envelope).getPayload());
        return Common.ChannelHeader.parseFrom(payload.getHeader().getChannelHeader())
                .getTxId();
    }

    private void beRefused() throws Exception {
        TransactionContext context = channel.newTransactionContext();
        Common.Envelope good = envelope(context, "forged");
        Common.Envelope forged = good.toBuilder()
                .setSignature(context.signByteString("other bytes".getBytes(StandardCharsets.UTF_8)))
                .build();
        refused("forged", () -> orderer.sendTransaction(forged));
        Common.Envelope unbound = ProtoUtils.createSeekInfoEnvelope(
                context, specified(0), specified(0), Ab.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY, new byte[32]);
        refused("unbound", () -> orderer.sendDeliver(unbound));
        refused(
                "beyond",
                () -> orderer.sendDeliver(ProtoUtils.createSeekInfoEnvelope(
                        context,
                        specified(1 << 20),
                        specified(1 << 20),
                        Ab.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY,
                        orderer.getClientTLSCertificateDigest())));
        // A refusal ends a stream, not the connection.
        say(
                "afterwards %s",
                orderer.sendTransaction(envelope(channel.newTransactionContext(), "after"))
                        .getStatus());
    }

    private interface Attempt {
        Object make() throws Exception;
    }

    private static void refused(String what, Attempt attempt) throws Exception {
        try {
            Object answer = attempt.make();
            say(
                    "%s answered %s",
                    what, answer instanceof Ab.DeliverResponse[] all ? all[all.length - 1].getStatus() : answer);
        } catch (TransactionException e) {
            say("%s refused %s", what, String.valueOf(e.getMessage()).replace('\n', ' '));
        }
    }

    private Common.Envelope envelope(TransactionContext context, String text) throws Exception {
        Common.ChannelHeader header = ProtoUtils.createChannelHeader(
                Common.HeaderType.ENDORSER_TRANSACTION,
                context.getTxID(),
                context.getChannelID(),
                context.getEpoch(),
                context.getFabricTimestamp(),
                null,
                orderer.getClientTLSCertificateDigest());
        ByteString payload = Common.Payload.newBuilder()
                .setHeader(Common.Header.newBuilder()
                        .setChannelHeader(header.toByteString())
                        .setSignatureHeader(ProtoUtils.getSignatureHeaderAsByteString(context)))
                .setData(ByteString.copyFromUtf8(text))
                .build()
                .toByteString();
        return Common.Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(context.signByteString(payload.toByteArray()))
                .build();
    }

    private long newest() throws Exception {
        Ab.SeekPosition newest = Ab.SeekPosition.newBuilder()
                .setNewest(Ab.SeekNewest.getDefaultInstance())
                .build();
        return blocks(seek(newest, newest)).getFirst().getHeader().getNumber();
    }

    private Common.Envelope seek(Ab.SeekPosition start, Ab.SeekPosition stop) throws Exception {
        return ProtoUtils.createSeekInfoEnvelope(
                channel.newTransactionContext(),
                start,
                stop,
                Ab.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY,
                orderer.getClientTLSCertificateDigest());
    }

    private static Ab.SeekPosition specified(long number) {
        return Ab.SeekPosition.newBuilder()
                .setSpecified(Ab.SeekSpecified.newBuilder().setNumber(number))
                .build();
    }

    /// The blocks before the final SUCCESS.
    private List<Common.Block> blocks(Common.Envelope seek) throws TransactionException {
        List<Common.Block> blocks = new ArrayList<>();
        for (Ab.DeliverResponse response : orderer.sendDeliver(seek)) {
            if (response.hasBlock()) {
                blocks.add(response.getBlock());
            } else if (response.getStatus() != Common.Status.SUCCESS) {
                throw new IllegalStateException("deliver ended with " + response.getStatus());
            }
        }
        return blocks;
    }

    private Properties connection() throws IOException {
        Properties properties = new Properties();
        properties.put("pemBytes", Files.readAllBytes(file("root")));
        properties.put("clientCertBytes", Files.readAllBytes(file("tlsCertificate")));
        properties.put("clientKeyBytes", Files.readAllBytes(file("tlsKey")));
        properties.put("sslProvider", "openSSL");
        properties.put("negotiationType", "TLS");
        return properties;
    }

    private Path file(String name) {
        return Path.of(given.getProperty(name));
    }

    private static PrivateKey key(Path file) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(Files.readString(file)))) {
            return new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) parser.readObject());
        }
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @FormatMethod
    private static void say(@FormatString String format, Object... values) {
        System.out.println("SDK " + format.formatted(values));
    }

    private record Member(String mspId, Enrollment enrollment) implements User {
        @Override
        public String getName() {
            return "User1";
        }

        @Override
        public Set<String> getRoles() {
            return Set.of();
        }

        @Override
        public String getAccount() {
            return "";
        }

        @Override
        public String getAffiliation() {
            return "";
        }

        @Override
        public Enrollment getEnrollment() {
            return enrollment;
        }

        @Override
        public String getMspId() {
            return mspId;
        }
    }
}
