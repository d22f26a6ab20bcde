package org.holdfast.identity;

import com.google.protobuf.ByteString;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.FabricNodeOUs;
import org.hyperledger.fabric.protos.msp.FabricOUIdentifier;
import org.jspecify.annotations.Nullable;

/// One organisation's membership rules, from the `FabricMSPConfig` of a channel config or an MSP directory: who
/// belongs to it and in which role. Immutable, safe from any thread.
public final class Msp {
    private final String id;
    private final Crypto crypto;
    private final FabricMSPConfig config;
    private final Chains chains;
    private final List<X509Certificate> authorities;
    private final Set<ByteString> admins = new HashSet<>();
    private final List<Unit> requiredUnits = new ArrayList<>();
    private final Map<Role, Unit> nodeUnits = new EnumMap<>(Role.class);
    private final boolean nodeUnitsOn;
    private final List<X509Certificate> tlsRoots;
    private final List<X509Certificate> tlsIntermediates;

    private Msp(FabricMSPConfig config, Crypto crypto) {
        this.id = config.getName();
        this.crypto = crypto;
        this.config = config;
        List<X509Certificate> roots = authorities(config.getRootCertsList(), "root");
        if (roots.isEmpty()) {
            throw new BadMaterial("it has no root certificate");
        }
        List<X509Certificate> intermediates = authorities(config.getIntermediateCertsList(), "intermediate");
        List<X509CRL> revocations = new ArrayList<>();
        for (ByteString pem : config.getRevocationListList()) {
            revocations.addAll(Pem.revocationLists(pem.toByteArray(), "a revocation list"));
        }
        chains = new Chains(roots, intermediates, revocations);
        authorities = Stream.concat(roots.stream(), intermediates.stream()).toList();
        for (ByteString pem : config.getAdminsList()) {
            admins.add(Identity.markOf(Pem.firstCertificate(pem.toByteArray(), "an admin")));
        }
        for (FabricOUIdentifier unit : config.getOrganizationalUnitIdentifiersList()) {
            requiredUnits.add(unit(unit));
        }
        nodeUnitsOn = config.getFabricNodeOus().getEnable();
        if (nodeUnitsOn) {
            nodeUnits(config.getFabricNodeOus());
        }
        tlsRoots = authorities(config.getTlsRootCertsList(), "TLS root");
        tlsIntermediates = authorities(config.getTlsIntermediateCertsList(), "TLS intermediate");
    }

    /// Builds the rules. An authority that has expired is no fault: what it issued in its time stays judged as of that
    /// time.
    ///
    /// @throws BadMaterial naming the MSP and the element
    public static Msp of(FabricMSPConfig config, Crypto crypto) {
        if (config.getName().isEmpty()) {
            throw new BadMaterial("an MSP has no id");
        }
        try {
            return new Msp(config, crypto);
        } catch (BadMaterial e) {
            throw new BadMaterial("MSP " + config.getName(), e);
        }
    }

    private static List<X509Certificate> authorities(List<ByteString> pems, String kind) {
        List<X509Certificate> found = new ArrayList<>();
        for (ByteString pem : pems) {
            X509Certificate certificate = Pem.firstCertificate(pem.toByteArray(), "a " + kind + " certificate");
            if (!Chains.isAuthority(certificate)) {
                throw new BadMaterial(
                        "the %s certificate %s is no authority's".formatted(kind, Chains.name(certificate)));
            }
            found.add(certificate);
        }
        return List.copyOf(found);
    }

    private void nodeUnits(FabricNodeOUs units) {
        if (units.hasClientOuIdentifier()) {
            nodeUnits.put(Role.CLIENT, unit(units.getClientOuIdentifier()));
        }
        if (units.hasPeerOuIdentifier()) {
            nodeUnits.put(Role.PEER, unit(units.getPeerOuIdentifier()));
        }
        if (units.hasAdminOuIdentifier()) {
            nodeUnits.put(Role.ADMIN, unit(units.getAdminOuIdentifier()));
        }
        if (units.hasOrdererOuIdentifier()) {
            nodeUnits.put(Role.ORDERER, unit(units.getOrdererOuIdentifier()));
        }
    }

    private static Unit unit(FabricOUIdentifier wire) {
        String name = wire.getOrganizationalUnitIdentifier();
        ByteString pem = wire.getCertificate();
        X509Certificate issuer =
                pem.isEmpty() ? null : Pem.firstCertificate(pem.toByteArray(), "the certificate of unit " + name);
        return new Unit(name, issuer);
    }

    /// The MSP id, e.g. `Org1MSP`.
    public String id() {
        return id;
    }

    /// What it was built from.
    public FabricMSPConfig config() {
        return config;
    }

    /// Roots and intermediates that members' certificates chain to.
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /// Roots that the organisation's TLS certificates chain to.
    public List<X509Certificate> tlsRoots() {
        return tlsRoots;
    }

    /// Authorities between TLS roots and TLS certificates.
    public List<X509Certificate> tlsIntermediates() {
        return tlsIntermediates;
    }

    /// Judges a certificate: chain, revocation, units. Expiry is not judged ([Identity#expiredAt]).
    ///
    /// @throws BadMaterial telling why it is no member
    public Identity validate(X509Certificate certificate) {
        if (certificate.getBasicConstraints() >= 0) {
            throw new BadMaterial(Chains.name(certificate) + " is an authority's certificate, not a member's");
        }
        List<X509Certificate> issuers = chains.above(certificate);
        List<String> units = unitsOf(certificate);
        ByteString mark = Identity.markOf(certificate);
        if (!requiredUnits.isEmpty() && requiredUnits.stream().noneMatch(unit -> hasUnit(units, unit, issuers))) {
            throw new BadMaterial(Chains.name(certificate) + " has none of the units this MSP asks for");
        }
        Set<Role> roles = roles(certificate, units, issuers, admins.contains(mark));
        return new Identity(id, certificate, crypto.adopt(certificate.getPublicKey()), mark, issuers, units, roles);
    }

    /// Whether a member could have a role: there is a unit for it, or, for admins, somebody is listed.
    public boolean knows(Role role) {
        return nodeUnits.containsKey(role) || (role == Role.ADMIN && !admins.isEmpty());
    }

    /// Whether an identity is one of those the principal means.
    public boolean satisfies(Identity identity, MSPPrincipal principal) {
        return identity.satisfies(Principal.of(principal));
    }

    private Set<Role> roles(
            X509Certificate certificate, List<String> units, List<X509Certificate> issuers, boolean listedAdmin) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        int byUnit = 0;
        for (Map.Entry<Role, Unit> entry : nodeUnits.entrySet()) {
            for (String unit : units) {
                if (entry.getValue().matches(unit, issuers.getFirst())) {
                    roles.add(entry.getKey());
                    byUnit++;
                }
            }
        }
        if (nodeUnitsOn && (byUnit > 1 || (byUnit == 0 && !listedAdmin))) {
            throw new BadMaterial("%s must have exactly one unit of client, peer, admin and orderer, it has %s"
                    .formatted(Chains.name(certificate), units));
        }
        if (listedAdmin) {
            roles.add(Role.ADMIN);
        }
        return Set.copyOf(roles);
    }

    private static boolean hasUnit(List<String> units, Unit wanted, List<X509Certificate> issuers) {
        return units.stream().anyMatch(unit -> wanted.matches(unit, issuers.getFirst()));
    }

    private static List<String> unitsOf(X509Certificate certificate) {
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        List<String> units = new ArrayList<>();
        for (RDN rdn : subject.getRDNs(BCStyle.OU)) {
            for (var attribute : rdn.getTypesAndValues()) {
                if (BCStyle.OU.equals(attribute.getType())) {
                    units.add(IETFUtils.valueToString(attribute.getValue()));
                }
            }
        }
        return List.copyOf(units);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Msp msp && config.equals(msp.config);
    }

    @Override
    public int hashCode() {
        return config.hashCode();
    }

    @Override
    public String toString() {
        return "MSP " + id;
    }
}
