package org.holdfast.identity;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.holdfast.env.Disk;
import org.hyperledger.fabric.protos.msp.FabricCryptoConfig;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.FabricNodeOUs;
import org.hyperledger.fabric.protos.msp.FabricOUIdentifier;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// An organisation's public MSP directory as the message a channel config holds. Files enter byte for byte.
///
/// Source of the layout: Fabric's MSP directories (`cacerts/`, `intermediatecerts/`, `admincerts/`, `crls/`,
/// `tlscacerts/`, `tlsintermediatecerts/`, `config.yaml`).
public final class MspDirectory {
    private final Disk disk;
    private final Path home;

    private MspDirectory(Disk disk, Path home) {
        this.disk = disk;
        this.home = home;
    }

    /// Reads a directory. Whether it makes a sound MSP is for [Msp#of] to say.
    ///
    /// @throws BadMaterial naming the path, when there is no root certificate or `config.yaml` is unreadable
    public static FabricMSPConfig read(Disk disk, Path mspDir, String mspId) {
        return new MspDirectory(disk, mspDir).read(mspId);
    }

    private FabricMSPConfig read(String mspId) {
        List<ByteString> roots = files("cacerts");
        if (roots.isEmpty()) {
            throw new BadMaterial(home.resolve("cacerts") + " holds no certificate; an MSP has its roots there");
        }
        FabricMSPConfig.Builder msp = FabricMSPConfig.newBuilder()
                .setName(mspId)
                .addAllRootCerts(roots)
                .addAllIntermediateCerts(files("intermediatecerts"))
                .addAllAdmins(files("admincerts"))
                .addAllRevocationList(files("crls"))
                .setCryptoConfig(FabricCryptoConfig.newBuilder()
                        .setSignatureHashFamily("SHA2")
                        .setIdentityIdentifierHashFunction("SHA256"))
                .addAllTlsRootCerts(files("tlscacerts"))
                .addAllTlsIntermediateCerts(files("tlsintermediatecerts"));
        Path settings = home.resolve("config.yaml");
        if (disk.exists(settings)) {
            settings(settings, msp);
        }
        return msp.build();
    }

    private List<ByteString> files(String name) {
        return disk.list(home.resolve(name)).stream()
                .map(file -> ByteString.copyFrom(disk.read(file)))
                .toList();
    }

    private void settings(Path file, FabricMSPConfig.Builder msp) {
        Map<?, ?> top = map(yaml(file), file, "the file");
        if (top.get("OrganizationalUnitIdentifiers") instanceof List<?> units) {
            for (Object unit : units) {
                msp.addOrganizationalUnitIdentifiers(unit(map(unit, file, "OrganizationalUnitIdentifiers"), file));
            }
        }
        if (top.get("NodeOUs") == null) {
            return;
        }
        Map<?, ?> nodes = map(top.get("NodeOUs"), file, "NodeOUs");
        FabricNodeOUs.Builder wire = FabricNodeOUs.newBuilder().setEnable(Boolean.TRUE.equals(nodes.get("Enable")));
        if (nodes.get("ClientOUIdentifier") != null) {
            wire.setClientOuIdentifier(unit(map(nodes.get("ClientOUIdentifier"), file, "ClientOUIdentifier"), file));
        }
        if (nodes.get("PeerOUIdentifier") != null) {
            wire.setPeerOuIdentifier(unit(map(nodes.get("PeerOUIdentifier"), file, "PeerOUIdentifier"), file));
        }
        if (nodes.get("AdminOUIdentifier") != null) {
            wire.setAdminOuIdentifier(unit(map(nodes.get("AdminOUIdentifier"), file, "AdminOUIdentifier"), file));
        }
        if (nodes.get("OrdererOUIdentifier") != null) {
            wire.setOrdererOuIdentifier(unit(map(nodes.get("OrdererOUIdentifier"), file, "OrdererOUIdentifier"), file));
        }
        msp.setFabricNodeOus(wire);
    }

    private @Nullable Object yaml(Path file) {
        try {
            String text = new String(disk.read(file), StandardCharsets.UTF_8);
            return new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
        } catch (YamlEngineException e) {
            throw new BadMaterial(file + " is no YAML", e);
        }
    }

    private static Map<?, ?> map(@Nullable Object value, Path file, String name) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new BadMaterial("%s: %s is no mapping".formatted(file, name));
    }

    private FabricOUIdentifier unit(Map<?, ?> yaml, Path file) {
        FabricOUIdentifier.Builder wire = FabricOUIdentifier.newBuilder();
        if (yaml.get("OrganizationalUnitIdentifier") instanceof String name) {
            wire.setOrganizationalUnitIdentifier(name);
        } else {
            throw new BadMaterial(file + ": a unit without OrganizationalUnitIdentifier");
        }
        if (yaml.get("Certificate") instanceof String certificate) {
            Path path = home.resolve(certificate);
            if (!disk.exists(path)) {
                throw new BadMaterial("%s names %s, which is missing".formatted(file, path));
            }
            wire.setCertificate(ByteString.copyFrom(disk.read(path)));
        }
        return wire.build();
    }
}
