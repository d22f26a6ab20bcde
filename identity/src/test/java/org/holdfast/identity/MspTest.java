package org.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.hyperledger.fabric.protos.common.CombinedPrincipal;
import org.hyperledger.fabric.protos.common.MSPIdentityAnonymity;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.OrganizationUnit;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Oracles: certificates of cryptogen 2.5.12 and the negative ones issued with OpenSSL; what real orderers said of
/// them.
class MspTest {
    private static final Crypto CRYPTO = Crypto.choose();
    private static final String ORG1 = "peerOrganizations/org1.example.com";
    private static final Msp MSP = Msp.of(config(ORG1, "Org1MSP"), CRYPTO);

    @TempDir
    Path root;

    @Test
    void recordedMembersHaveTheRolesOfTheirUnits() {
        assertThat(identity(ORG1 + "/users/Admin@org1.example.com/msp/signcerts/Admin@org1.example.com-cert.pem")
                        .roles())
                .containsExactly(Role.ADMIN);
        assertThat(identity(user("User1")).roles()).containsExactly(Role.CLIENT);
        assertThat(identity(ORG1 + "/peers/peer0.org1.example.com/msp/signcerts/peer0.org1.example.com-cert.pem")
                        .roles())
                .containsExactly(Role.PEER);
    }

    @Test
    void anotherAuthorityOfTheSameNameIsNotBelieved() {
        assertThatThrownBy(() -> identity("negative/foreign-user-org1-cert.pem"))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("not issued by an authority of this MSP");
        assertThatThrownBy(() -> identity("negative/foreign-ca-cert.pem")).hasMessageContaining("authority's");
        assertThatThrownBy(() -> identity(ORG1 + "/ca/ca.org1.example.com-cert.pem"))
                .hasMessageContaining("authority's");
    }

    @Test
    void withoutExactlyOneRoleUnitNobodyIsAMember() {
        assertThatThrownBy(() -> identity("negative/no-ou-user-org1-cert.pem"))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("exactly one unit");
    }

    @Test
    void expiryIsNoQuestionOfMembership() {
        Identity expired = identity("negative/expired-user-org1-cert.pem");
        long end = expired.certificate().getNotAfter().toInstant().toEpochMilli();
        assertThat(expired.expiredAt(end)).isFalse();
        assertThat(expired.expiredAt(end + 1)).isTrue();
    }

    @Test
    void aRevokedCertificateIsRefusedAndOthersAreNot() {
        FabricMSPConfig withList = MSP.config().toBuilder()
                .addRevocationList(ByteString.copyFrom(Fixtures.bytes("negative/org1-crl-revokes-User2.pem")))
                .build();
        Msp revoking = Msp.of(withList, CRYPTO);
        assertThat(identity(user("User2")).roles()).containsExactly(Role.CLIENT);
        assertThatThrownBy(() -> revoking.validate(certificate(user("User2")))).hasMessageContaining("is revoked");
        assertThat(revoking.validate(certificate(user("User1"))).roles()).containsExactly(Role.CLIENT);
    }

    @Test
    void aRevocationListByAnotherAuthorityRevokesNothing() {
        Msp org2 = Msp.of(
                config("peerOrganizations/org2.example.com", "Org2MSP").toBuilder()
                        .addRevocationList(ByteString.copyFrom(Fixtures.bytes("negative/org1-crl-revokes-User2.pem")))
                        .addRootCerts(MSP.config().getRootCerts(0))
                        .clearFabricNodeOus()
                        .build(),
                CRYPTO);
        X509Certificate member =
                certificate("peerOrganizations/org2.example.com/users/User1@org2.example.com/msp/signcerts/"
                        + "User1@org2.example.com-cert.pem");
        assertThat(org2.validate(member).mspId()).isEqualTo("Org2MSP");
    }

    @Test
    void principalsMeanWhomFabricSaysTheyMean() {
        Identity user = identity(user("User1"));
        assertThat(MSP.satisfies(user, role("Org1MSP", MSPRole.MSPRoleType.MEMBER)))
                .isTrue();
        assertThat(MSP.satisfies(user, role("Org1MSP", MSPRole.MSPRoleType.CLIENT)))
                .isTrue();
        assertThat(MSP.satisfies(user, role("Org1MSP", MSPRole.MSPRoleType.ADMIN)))
                .isFalse();
        assertThat(MSP.satisfies(user, role("Org1MSP", MSPRole.MSPRoleType.PEER)))
                .isFalse();
        assertThat(MSP.satisfies(user, role("Org1MSP", MSPRole.MSPRoleType.ORDERER)))
                .isFalse();
        assertThat(MSP.satisfies(user, role("Org2MSP", MSPRole.MSPRoleType.MEMBER)))
                .isFalse();
        assertThat(MSP.satisfies(user, unit("client", ByteString.EMPTY))).isTrue();
        assertThat(MSP.satisfies(user, unit("client", Identity.chainDigest(user.issuers()))))
                .isTrue();
        assertThat(MSP.satisfies(user, unit("client", ByteString.copyFromUtf8("other"))))
                .isFalse();
        assertThat(MSP.satisfies(user, unit("peer", ByteString.EMPTY))).isFalse();
        assertThat(MSP.satisfies(user, exactly("User1"))).isTrue();
        assertThat(MSP.satisfies(user, exactly("User2"))).isFalse();
    }

    @Test
    void combinedAndAnonymousPrincipals() {
        Identity user = identity(user("User1"));
        MSPPrincipal both = principal(
                MSPPrincipal.Classification.COMBINED,
                CombinedPrincipal.newBuilder()
                        .addPrincipals(role("Org1MSP", MSPRole.MSPRoleType.CLIENT))
                        .addPrincipals(exactly("User2"))
                        .build()
                        .toByteString());
        assertThat(MSP.satisfies(user, both)).isFalse();
        assertThat(MSP.satisfies(user, anonymity(MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL)))
                .isTrue();
        assertThat(MSP.satisfies(user, anonymity(MSPIdentityAnonymity.MSPIdentityAnonymityType.ANONYMOUS)))
                .isFalse();
        MSPPrincipal nested = both;
        for (int i = 0; i <= Principal.DEEPEST; i++) {
            nested = principal(
                    MSPPrincipal.Classification.COMBINED,
                    CombinedPrincipal.newBuilder().addPrincipals(nested).build().toByteString());
        }
        MSPPrincipal tooDeep = nested;
        assertThatThrownBy(() -> Principal.of(tooDeep)).hasMessageContaining("deeper");
    }

    @Test
    void listedAdminsAreAdminsWithoutUnits() {
        FabricMSPConfig listed = MSP.config().toBuilder()
                .clearFabricNodeOus()
                .addAdmins(ByteString.copyFrom(Fixtures.bytes(user("User1"))))
                .build();
        Msp msp = Msp.of(listed, CRYPTO);
        assertThat(msp.validate(certificate(user("User1"))).roles()).containsExactly(Role.ADMIN);
        assertThat(msp.validate(certificate(user("User2"))).roles()).isEmpty();
    }

    @Test
    void whatAnAuthorityIssuedInItsTimeOutlivesIt() {
        World past = past(Duration.ofDays(3700));
        Authority old = Authority.create(past, CRYPTO, "old.example.com", "ca.old.example.com");
        Issued member = old.member("Ann", Role.CLIENT);
        Msp msp = Msp.of(plain("OldMSP", old.certificate()), CRYPTO);
        Identity ann = msp.validate(member.certificate());
        assertThat(ann.expiredAt(World.real().clock().wallMillis())).isTrue();
        assertThat(ann.mspId()).isEqualTo("OldMSP");
    }

    @Test
    void aMemberIssuedAfterItsAuthorityExpiredIsRefused() {
        Authority old = Authority.create(past(Duration.ofDays(3700)), CRYPTO, "old.example.com", "ca.old.example.com");
        Path directory = root.resolve("ca");
        World.real().disk().createDirectories(directory);
        World.real().disk().replace(directory.resolve("ca-cert.pem"), Pem.of(old.certificate()));
        World.real()
                .disk()
                .replaceSecret(directory.resolve("priv_sk"), Pem.of(old.issued().key()));
        Issued late = Authority.load(World.real(), CRYPTO, directory).member("Late", Role.CLIENT);
        Msp msp = Msp.of(plain("OldMSP", old.certificate()), CRYPTO);
        assertThatThrownBy(() -> msp.validate(late.certificate())).hasMessageContaining("not issued by an authority");
    }

    @Test
    void faultyMspsNameThemselvesAndTheElement() {
        assertThatThrownBy(
                        () -> Msp.of(FabricMSPConfig.newBuilder().setName("M").build(), CRYPTO))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("MSP M")
                .hasMessageContaining("no root certificate");
        ByteString member = ByteString.copyFrom(Fixtures.bytes(user("User1")));
        assertThatThrownBy(() ->
                        Msp.of(MSP.config().toBuilder().addRootCerts(member).build(), CRYPTO))
                .hasMessageContaining("is no authority's");
        assertThatThrownBy(() -> Msp.of(
                        MSP.config().toBuilder().addRevocationList(member).build(), CRYPTO))
                .hasMessageContaining("revocation list");
    }

    @Test
    void aCreatorIsValidatedOnceAndRememberedByItsBytes() {
        MspSet set = MspSet.of(List.of(MSP));
        ByteString creator = creator("Org1MSP", "User1");
        Identity first = set.identity(creator);
        assertThat(set.identity(ByteString.copyFrom(creator.toByteArray()))).isSameAs(first);
        assertThatThrownBy(() -> set.identity(creator("Org2MSP", "User1"))).hasMessageContaining("Org2MSP");
        assertThatThrownBy(() -> set.identity(ByteString.copyFromUtf8("\u0001rubbish")))
                .isInstanceOf(BadMaterial.class);
        assertThatThrownBy(() -> set.identity(ByteString.EMPTY)).isInstanceOf(BadMaterial.class);
        assertThat(set.expiryMillis(creator))
                .hasValue(first.certificate().getNotAfter().toInstant().toEpochMilli());
        assertThat(set.expiryMillis(ByteString.EMPTY)).isEmpty();
    }

    @Test
    void noCreatorHoweverBrokenGetsMoreThanARefusal() {
        byte[] der = Base64.getMimeDecoder()
                .decode(new String(Fixtures.bytes(user("User1")), StandardCharsets.US_ASCII)
                        .replaceAll("-----[A-Z ]+-----", ""));
        MspSet set = MspSet.of(List.of(MSP));
        ByteString mark = mark(set, der).orElseThrow();
        Random random = new Random(20261122);
        int refused = 0;
        for (int i = 0; i < 1_000; i++) {
            byte[] bad = der.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Optional<ByteString> found = mark(set, bad);
            // Bytes outside the signed part can be written in more than one way; it stays the same person.
            found.ifPresent(other -> assertThat(other).isEqualTo(mark));
            refused += found.isEmpty() ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(980);
    }

    private static Optional<ByteString> mark(MspSet set, byte[] der) {
        String pem = "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                .formatted(Base64.getMimeEncoder().encodeToString(der));
        ByteString creator = SerializedIdentity.newBuilder()
                .setMspid("Org1MSP")
                .setIdBytes(ByteString.copyFromUtf8(pem))
                .build()
                .toByteString();
        try {
            return Optional.of(set.identity(creator).mark());
        } catch (BadMaterial refused) {
            return Optional.empty();
        }
    }

    @Test
    void theMemoryOfMembersIsBounded() {
        Recent<Integer, Integer> recent = new Recent<>(100);
        for (int i = 0; i < 10_000; i++) {
            recent.put(i, i);
            assertThat(recent.get(0)).as("the one in use stays").isEqualTo(0);
            assertThat(recent.size()).isLessThanOrEqualTo(101);
        }
        assertThat(recent.get(5_000)).isNull();
    }

    private static String user(String name) {
        return ORG1 + "/users/%s@org1.example.com/msp/signcerts/%s@org1.example.com-cert.pem".formatted(name, name);
    }

    private static FabricMSPConfig config(String organization, String id) {
        return MspDirectory.read(World.real().disk(), Fixtures.crypto(organization + "/msp"), id);
    }

    private static FabricMSPConfig plain(String id, X509Certificate root) {
        return FabricMSPConfig.newBuilder()
                .setName(id)
                .addRootCerts(ByteString.copyFrom(Pem.of(root)))
                .build();
    }

    private static X509Certificate certificate(String path) {
        return Pem.firstCertificate(Fixtures.bytes(path), path);
    }

    private static Identity identity(String path) {
        return MSP.validate(certificate(path));
    }

    private static ByteString creator(String mspId, String user) {
        return SerializedIdentity.newBuilder()
                .setMspid(mspId)
                .setIdBytes(ByteString.copyFrom(Fixtures.bytes(user(user))))
                .build()
                .toByteString();
    }

    private static MSPPrincipal principal(MSPPrincipal.Classification classification, ByteString bytes) {
        return MSPPrincipal.newBuilder()
                .setPrincipalClassification(classification)
                .setPrincipal(bytes)
                .build();
    }

    private static MSPPrincipal role(String mspId, MSPRole.MSPRoleType role) {
        MSPRole wire =
                MSPRole.newBuilder().setMspIdentifier(mspId).setRole(role).build();
        return principal(MSPPrincipal.Classification.ROLE, wire.toByteString());
    }

    private static MSPPrincipal unit(String unit, ByteString chain) {
        OrganizationUnit wire = OrganizationUnit.newBuilder()
                .setMspIdentifier("Org1MSP")
                .setOrganizationalUnitIdentifier(unit)
                .setCertifiersIdentifier(chain)
                .build();
        return principal(MSPPrincipal.Classification.ORGANIZATION_UNIT, wire.toByteString());
    }

    private static MSPPrincipal exactly(String user) {
        return principal(MSPPrincipal.Classification.IDENTITY, creator("Org1MSP", user));
    }

    private static MSPPrincipal anonymity(MSPIdentityAnonymity.MSPIdentityAnonymityType type) {
        MSPIdentityAnonymity wire =
                MSPIdentityAnonymity.newBuilder().setAnonymityType(type).build();
        return principal(MSPPrincipal.Classification.ANONYMITY, wire.toByteString());
    }

    /// The real world, some time ago.
    private static World past(Duration ago) {
        World now = World.real();
        Clock clock = new Clock() {
            @Override
            public long wallMillis() {
                return now.clock().wallMillis() - ago.toMillis();
            }

            @Override
            public long nanos() {
                return now.clock().nanos();
            }
        };
        InvocationHandler handler =
                (proxy, method, arguments) -> "clock".equals(method.getName()) ? clock : method.invoke(now, arguments);
        return (World) Proxy.newProxyInstance(World.class.getClassLoader(), new Class<?>[] {World.class}, handler);
    }
}
