package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.Disk;
import org.holdfast.env.YamlTree;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.Pem;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.msp.FabricCryptoConfig;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.FabricNodeOUs;
import org.hyperledger.fabric.protos.msp.FabricOUIdentifier;
import org.jspecify.annotations.Nullable;

/// Certificates and MSPs on their way back from the readable document. A certificate is PEM, or the name of a file with
/// it; what reads as it was shown keeps its bytes.
///
/// @param home what names of files are relative to
record EditedMaterial(Disk disk, Path home) {
    private static final Pattern ROOT = Pattern.compile(ShownMaterial.ROOT + "\\[([0-9]{1,4})]");

    /// Bytes by the text that shows them.
    static Map<String, ByteString> known(List<ByteString> certificates) {
        Map<String, ByteString> known = new LinkedHashMap<>();
        certificates.forEach(
                one -> known.putIfAbsent(ShownMaterial.certificate(one).text(), one));
        return known;
    }

    /// A certificate that must be there.
    ByteString certificate(YamlTree at, Map<String, ByteString> known) {
        return pem(at, known, false);
    }

    private ByteString pem(YamlTree at, Map<String, ByteString> known, boolean revocations) {
        String text = Doc.plain(at.required());
        ByteString before = known.get(text);
        if (before != null || text.isEmpty()) {
            return before == null ? ByteString.EMPTY : before;
        }
        if (text.startsWith(ShownMaterial.BYTES)) {
            return EditedSection.base64(at, text.substring(ShownMaterial.BYTES.length()));
        }
        ByteString pem;
        if (text.contains("-----BEGIN ")) {
            pem = ByteString.copyFromUtf8(text + "\n");
        } else {
            Path file = home.resolve(text).normalize();
            if (text.indexOf('\n') >= 0 || !disk.exists(file)) {
                at.fault("is neither PEM (-----BEGIN ...) nor a file: there is no %s".formatted(file));
                return ByteString.EMPTY;
            }
            pem = ByteString.copyFrom(disk.read(file));
        }
        try {
            if (revocations) {
                Pem.revocationLists(pem.toByteArray(), "it");
            } else {
                Pem.firstCertificate(pem.toByteArray(), "it");
            }
        } catch (BadMaterial e) {
            at.fault("cannot be used: " + Decode.reason(e));
        }
        return pem;
    }

    /// The MSP of a directory as Fabric's tools lay it out; null with a fault when it is unusable.
    @Nullable
    FabricMSPConfig directory(YamlTree at, String mspId) {
        Path directory = home.resolve(at.required()).normalize();
        try {
            return MspDirectory.read(disk, directory, mspId);
        } catch (BadMaterial e) {
            at.fault("cannot be used: " + Decode.reason(e));
            return null;
        }
    }

    /// An MSP.
    FabricMSPConfig msp(YamlTree at, String mspId, FabricMSPConfig before) {
        EditedSection.onlyKeys(
                at,
                Set.of(
                        ShownMaterial.ROOT,
                        "intermediateCertificates",
                        "admins",
                        "revocationLists",
                        "tlsRootCertificates",
                        "tlsIntermediateCertificates",
                        "nodeUnits",
                        "units",
                        "signatureHashFamily",
                        "identityHash"));
        FabricMSPConfig.Builder msp = before.toBuilder()
                .setName(mspId)
                .clearRootCerts()
                .clearIntermediateCerts()
                .clearAdmins()
                .clearRevocationList()
                .clearTlsRootCerts()
                .clearTlsIntermediateCerts()
                .clearOrganizationalUnitIdentifiers()
                .clearFabricNodeOus()
                .clearCryptoConfig()
                .addAllRootCerts(list(at.at(ShownMaterial.ROOT), before.getRootCertsList()))
                .addAllIntermediateCerts(list(at.at("intermediateCertificates"), before.getIntermediateCertsList()))
                .addAllAdmins(list(at.at("admins"), before.getAdminsList()))
                .addAllTlsRootCerts(list(at.at("tlsRootCertificates"), before.getTlsRootCertsList()))
                .addAllTlsIntermediateCerts(
                        list(at.at("tlsIntermediateCertificates"), before.getTlsIntermediateCertsList()));
        Map<String, ByteString> revocations = known(before.getRevocationListList());
        at.at("revocationLists").items().forEach(item -> msp.addRevocationList(pem(item, revocations, true)));
        if (at.at("signatureHashFamily").present() || at.at("identityHash").present()) {
            msp.setCryptoConfig(FabricCryptoConfig.newBuilder()
                    .setSignatureHashFamily(at.at("signatureHashFamily").text().orElse(""))
                    .setIdentityIdentifierHashFunction(
                            at.at("identityHash").text().orElse("")));
        }
        units(at, msp, before);
        return msp.build();
    }

    private List<ByteString> list(YamlTree at, List<ByteString> before) {
        Map<String, ByteString> known = known(before);
        List<ByteString> certificates = new ArrayList<>();
        at.items().forEach(item -> certificates.add(certificate(item, known)));
        return certificates;
    }

    private void units(YamlTree at, FabricMSPConfig.Builder msp, FabricMSPConfig before) {
        at.at("units").items().forEach(item -> msp.addOrganizationalUnitIdentifiers(unit(item, msp, before)));
        YamlTree node = at.at("nodeUnits");
        if (!node.present()) {
            return;
        }
        EditedSection.onlyKeys(node, Set.of("enabled", "client", "peer", "admin", "orderer"));
        FabricNodeOUs.Builder units = FabricNodeOUs.newBuilder();
        String enabled = node.at("enabled").required();
        if (!enabled.isEmpty() && !Set.of("true", "false").contains(enabled)) {
            node.at("enabled").fault("is '%s', true or false is wanted".formatted(enabled));
        }
        units.setEnable(enabled.equals("true"));
        if (node.at("client").present()) {
            units.setClientOuIdentifier(unit(node.at("client"), msp, before));
        }
        if (node.at("peer").present()) {
            units.setPeerOuIdentifier(unit(node.at("peer"), msp, before));
        }
        if (node.at("admin").present()) {
            units.setAdminOuIdentifier(unit(node.at("admin"), msp, before));
        }
        if (node.at("orderer").present()) {
            units.setOrdererOuIdentifier(unit(node.at("orderer"), msp, before));
        }
        msp.setFabricNodeOus(units);
    }

    private FabricOUIdentifier unit(YamlTree at, FabricMSPConfig.Builder msp, FabricMSPConfig before) {
        EditedSection.onlyKeys(at, Set.of("unit", "certificate"));
        FabricOUIdentifier.Builder unit = FabricOUIdentifier.newBuilder()
                .setOrganizationalUnitIdentifier(at.at("unit").required());
        YamlTree certificate = at.at("certificate");
        Matcher root = ROOT.matcher(certificate.text().orElse(""));
        if (root.matches()) {
            int index = Integer.parseInt(root.group(1));
            if (index < msp.getRootCertsCount()) {
                unit.setCertificate(msp.getRootCerts(index));
            } else {
                certificate.fault(
                        "names root certificate %d of %d, counted from 0".formatted(index, msp.getRootCertsCount()));
            }
        } else if (certificate.present()) {
            List<ByteString> known = new ArrayList<>(before.getIntermediateCertsList());
            before.getOrganizationalUnitIdentifiersList().forEach(one -> known.add(one.getCertificate()));
            var nodes = before.getFabricNodeOus();
            known.addAll(List.of(
                    nodes.getClientOuIdentifier().getCertificate(),
                    nodes.getPeerOuIdentifier().getCertificate(),
                    nodes.getAdminOuIdentifier().getCertificate(),
                    nodes.getOrdererOuIdentifier().getCertificate()));
            unit.setCertificate(certificate(certificate, known(known)));
        }
        return unit.build();
    }
}
