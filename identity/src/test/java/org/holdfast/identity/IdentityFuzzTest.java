package org.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.env.World;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;

/// Certificates, lists, keys and membership rules as strangers send them: nothing but [BadMaterial] leaves, the same
/// bytes get the same answer, and nobody becomes a member whom the recorded authority has not signed.
class IdentityFuzzTest {
    private static final Crypto FAST = Crypto.choose();
    private static final Crypto PORTABLE = Crypto.bouncyCastle();
    private static final String ORG1 = "peerOrganizations/org1.example.com";
    private static final String USER1 =
            ORG1 + "/users/User1@org1.example.com/msp/signcerts/User1@org1.example.com-cert.pem";
    private static final FabricMSPConfig CONFIG =
            MspDirectory.read(World.real().disk(), Fixtures.crypto(ORG1 + "/msp"), "Org1MSP");
    private static final Msp MSP = Msp.of(CONFIG, FAST);
    private static final List<X509Certificate> RECORDED = recorded();
    /// What the recorded authorities signed: no other certificate can be a member's, for the fuzzer has no key.
    private static final Set<ByteString> MARKS = marks();
    private static final ByteString TEXT = ByteString.copyFromUtf8("what was signed");
    private static final PublicKey KEY = FAST.adopt(RECORDED.getFirst().getPublicKey());
    private static final PublicKey SAME_KEY = PORTABLE.adopt(RECORDED.getFirst().getPublicKey());

    /// `msp.SerializedIdentity`, as an envelope's creator.
    @FuzzTest
    void creator(byte[] input) {
        ByteString creator = ByteString.copyFrom(input);
        Optional<Identity> found = member(MspSet.of(List.of(MSP)), creator);
        MspSet again = MspSet.of(List.of(MSP));
        assertThat(member(again, creator).map(Identity::mark)).isEqualTo(found.map(Identity::mark));
        assertThat(member(again, creator).map(Identity::roles)).isEqualTo(found.map(Identity::roles));
        boolean expires = again.expiryMillis(creator).isPresent();
        found.ifPresent(identity -> {
            assertThat(MARKS).contains(identity.mark());
            assertThat(identity.mspId()).isEqualTo("Org1MSP");
            assertThat(identity.roles()).hasSize(1);
            assertThat(expires).isTrue();
        });
    }

    private static Optional<Identity> member(MspSet msps, ByteString creator) {
        try {
            return Optional.of(msps.identity(creator));
        } catch (BadMaterial refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return Optional.empty();
        }
    }

    /// DER signatures. Oracle: two providers say the same, and nothing verifies for nobody signed [#TEXT].
    @FuzzTest
    void signature(byte[] input) {
        EcdsaSignature parsed = EcdsaSignature.parse(input);
        if (parsed != null) {
            assertThat(parsed.der()).isEqualTo(input);
        }
        ByteString signature = ByteString.copyFrom(input);
        assertThat(FAST.verify(KEY, signature, TEXT)).isFalse();
        assertThat(PORTABLE.verify(SAME_KEY, signature, TEXT)).isFalse();
    }

    /// PEM text: certificates, revocation lists and private keys.
    @FuzzTest
    void pem(byte[] input) {
        try {
            List<X509Certificate> certificates = Pem.certificates(input, "the input");
            assertThat(certificates).isNotEmpty();
            assertThat(certificates.getFirst()).isEqualTo(Pem.firstCertificate(input, "the input"));
            for (X509Certificate certificate : certificates) {
                assertThat(Pem.firstCertificate(Pem.of(certificate), "again")).isEqualTo(certificate);
                judge(MSP, certificate);
            }
        } catch (BadMaterial refused) {
            assertThat(refused.getMessage()).contains("the input");
        }
        try {
            for (X509CRL list : Pem.revocationLists(input, "the input")) {
                assertThat(list.getIssuerX500Principal()).isNotNull();
            }
        } catch (BadMaterial refused) {
            assertThat(refused.getMessage()).contains("the input");
        }
        try {
            assertThat(Pem.privateKey(input, "the input").getAlgorithm()).isEqualTo("EC");
        } catch (BadMaterial refused) {
            assertThat(refused.getMessage()).contains("the input");
        }
    }

    /// `msp.FabricMSPConfig`, as a config block carries it: built or refused, and then it judges anybody.
    @FuzzTest
    void rules(byte[] input) {
        FabricMSPConfig config;
        try {
            config = FabricMSPConfig.parseFrom(input);
        } catch (InvalidProtocolBufferException noRules) {
            return;
        }
        Msp built;
        try {
            built = Msp.of(config, FAST);
        } catch (BadMaterial refused) {
            assertThat(refused.getMessage()).contains("MSP");
            return;
        }
        assertThat(built).isEqualTo(Msp.of(config, PORTABLE));
        assertThat(built.id()).isNotEmpty();
        for (X509Certificate certificate : RECORDED) {
            assertThat(judge(built, certificate).map(Identity::roles))
                    .isEqualTo(judge(Msp.of(config, PORTABLE), certificate).map(Identity::roles));
        }
    }

    private static Optional<Identity> judge(Msp msp, X509Certificate certificate) {
        try {
            return Optional.of(msp.validate(certificate));
        } catch (BadMaterial refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return Optional.empty();
        }
    }

    /// `common.MSPPrincipal`, as policies name signers.
    @FuzzTest
    void principal(byte[] input) {
        Identity user = MSP.validate(RECORDED.getFirst());
        try {
            MSPPrincipal wire = MSPPrincipal.parseFrom(input);
            Principal principal = Principal.of(wire);
            assertThat(user.satisfies(principal)).isEqualTo(user.satisfies(Principal.of(wire)));
        } catch (InvalidProtocolBufferException | BadMaterial refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    private static List<X509Certificate> recorded() {
        List<X509Certificate> found = new ArrayList<>();
        for (String path : List.of(
                USER1,
                USER1.replace("User1", "User2"),
                USER1.replace("User1", "Admin"),
                ORG1 + "/peers/peer0.org1.example.com/msp/signcerts/peer0.org1.example.com-cert.pem",
                "negative/expired-user-org1-cert.pem",
                "negative/foreign-user-org1-cert.pem",
                "negative/no-ou-user-org1-cert.pem",
                ORG1 + "/ca/ca.org1.example.com-cert.pem")) {
            found.add(Pem.firstCertificate(Fixtures.bytes(path), path));
        }
        return List.copyOf(found);
    }

    private static Set<ByteString> marks() {
        List<ByteString> marks = RECORDED.stream().map(Identity::markOf).toList();
        return Set.copyOf(marks);
    }
}
