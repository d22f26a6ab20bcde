package org.holdfast.identity;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.holdfast.env.World;

/// Certificates made by cryptogen 2.5.12, `src/test/resources/fabric/crypto`.
final class Fixtures {
    private Fixtures() {}

    static Path crypto(String path) {
        try {
            return Path.of(Objects.requireNonNull(Fixtures.class.getResource("/fabric/crypto/" + path), path)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] bytes(String path) {
        return World.real().disk().read(crypto(path));
    }
}
