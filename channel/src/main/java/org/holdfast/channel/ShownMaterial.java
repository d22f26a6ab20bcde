package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.FabricOUIdentifier;
import org.hyperledger.fabric.protos.msp.MSPConfig;

/// Certificates and MSPs as the readable document shows them: PEM, with a comment that says whose it is.
final class ShownMaterial {
    static final String BYTES = "base64:";
    static final String ROOT = "rootCertificates";

    private static final int FABRIC_MSP = 0;
    private static final String PEM_BEGIN = "-----BEGIN ";

    private ShownMaterial() {}

    /// PEM, or base64 of something else.
    static Doc.Text certificate(ByteString bytes) {
        if (bytes.isEmpty()) {
            return new Doc.Text("");
        }
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        boolean printable = text.chars().allMatch(c -> c == '\n' || c == '\r' || (c >= ' ' && c <= '~'));
        return printable && text.contains(PEM_BEGIN)
                ? new Doc.Text(Doc.plain(text), describe(bytes.toByteArray(), text))
                : new Doc.Text(BYTES + ShownSection.base64(bytes), "this is no PEM");
    }

    private static String describe(byte[] pem, String text) {
        try {
            if (text.contains("BEGIN X509 CRL")) {
                X509CRL list = Pem.revocationLists(pem, "it").getFirst();
                int revoked = list.getRevokedCertificates() == null
                        ? 0
                        : list.getRevokedCertificates().size();
                return "revocation list of %s, %d revoked, %s"
                        .formatted(
                                list.getIssuerX500Principal().getName(),
                                revoked,
                                list.getThisUpdate().toInstant());
            }
            X509Certificate certificate = Pem.firstCertificate(pem, "it");
            String subject = certificate.getSubjectX500Principal().getName();
            String issuer = certificate.getIssuerX500Principal().getName();
            return "%s; %s; until %s; SHA-256 %s"
                    .formatted(
                            subject,
                            issuer.equals(subject) ? "self-signed" : "issued by " + issuer,
                            certificate.getNotAfter().toInstant(),
                            fingerprint(certificate));
        } catch (BadMaterial e) {
            return "unreadable: " + e.getMessage();
        }
    }

    /// SHA-256 of the certificate, hex digits.
    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(BlockHeader.sha256().digest(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new AssertionError("a parsed certificate has an encoding", e);
        }
    }

    static void msp(MSPConfig wire, ShownSection section) {
        if (wire.getType() != FABRIC_MSP) {
            section.put("mspType", Integer.toString(wire.getType()));
            return;
        }
        try {
            FabricMSPConfig config = FabricMSPConfig.parseFrom(wire.getConfig());
            section.put("mspId", config.getName());
            section.put("msp", msp(config));
        } catch (InvalidProtocolBufferException unreadable) {
            section.put("mspType", "0");
        }
    }

    static Doc.Fields msp(FabricMSPConfig config) {
        Map<String, Doc> msp = new LinkedHashMap<>();
        certificates(msp, ROOT, config.getRootCertsList());
        certificates(msp, "intermediateCertificates", config.getIntermediateCertsList());
        certificates(msp, "admins", config.getAdminsList());
        certificates(msp, "revocationLists", config.getRevocationListList());
        certificates(msp, "tlsRootCertificates", config.getTlsRootCertsList());
        certificates(msp, "tlsIntermediateCertificates", config.getTlsIntermediateCertsList());
        if (config.hasFabricNodeOus()) {
            var units = config.getFabricNodeOus();
            Map<String, Doc> shown = new LinkedHashMap<>();
            shown.put("enabled", new Doc.Text(Boolean.toString(units.getEnable())));
            unit(shown, "client", units.hasClientOuIdentifier(), units.getClientOuIdentifier(), config);
            unit(shown, "peer", units.hasPeerOuIdentifier(), units.getPeerOuIdentifier(), config);
            unit(shown, "admin", units.hasAdminOuIdentifier(), units.getAdminOuIdentifier(), config);
            unit(shown, "orderer", units.hasOrdererOuIdentifier(), units.getOrdererOuIdentifier(), config);
            msp.put("nodeUnits", new Doc.Fields(shown));
        }
        if (config.getOrganizationalUnitIdentifiersCount() > 0) {
            List<Doc> units = new ArrayList<>();
            config.getOrganizationalUnitIdentifiersList().forEach(unit -> units.add(unit(unit, config)));
            msp.put("units", new Doc.Items(units));
        }
        if (config.hasCryptoConfig()) {
            msp.put("signatureHashFamily", new Doc.Text(config.getCryptoConfig().getSignatureHashFamily()));
            msp.put("identityHash", new Doc.Text(config.getCryptoConfig().getIdentityIdentifierHashFunction()));
        }
        return new Doc.Fields(msp);
    }

    private static void certificates(Map<String, Doc> into, String name, List<ByteString> certificates) {
        if (!certificates.isEmpty()) {
            into.put(
                    name,
                    new Doc.Items(certificates.stream()
                            .map(one -> (Doc) certificate(one))
                            .toList()));
        }
    }

    private static void unit(
            Map<String, Doc> into, String role, boolean there, FabricOUIdentifier unit, FabricMSPConfig config) {
        if (there) {
            into.put(role, unit(unit, config));
        }
    }

    private static Doc.Fields unit(FabricOUIdentifier unit, FabricMSPConfig config) {
        Map<String, Doc> fields = new LinkedHashMap<>();
        fields.put("unit", new Doc.Text(unit.getOrganizationalUnitIdentifier()));
        if (!unit.getCertificate().isEmpty()) {
            int root = config.getRootCertsList().indexOf(unit.getCertificate());
            fields.put(
                    "certificate",
                    root < 0 ? certificate(unit.getCertificate()) : new Doc.Text("%s[%d]".formatted(ROOT, root)));
        }
        return new Doc.Fields(fields);
    }
}
