package org.holdfast.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A network of one node whose Redis doors want TLS and a user: `app`, whose password is `s3cret`, and who may touch
/// only keys that begin with `app:` in the plain door's table.
///
/// @param port the plain door: keys are bare
/// @param authority the certificate (PEM) of the authority that issued the node's
/// @param stranger that of one which issued none of the node's for TLS
record SecuredNode(Net net, int port, Path authority, Path stranger) {
    static SecuredNode up(Path dir) throws IOException, InterruptedException {
        Net net = Net.up(dir, 1);
        net.holdfast("down");
        Path settings = net.settings("node1");
        String text = Files.readString(settings);
        Files.writeString(settings, text.replace("  Redis:\n", """
                  Redis:
                    Users:
                      - user default off
                      - user app on >s3cret ~default:app:app:* +@all
                    TLS:
                      Enabled: true
                      PrivateKey: %s
                      Certificate: %s
                """.formatted(
                        first("\n    PrivateKey: (.+)", text), first("\n    Certificate: (.+)", text))));
        net.holdfast("up", "--detach");
        Path authority = settings.resolveSibling(first("\n    RootCAs:\n +- '?([^'\n]+)", text));
        return new SecuredNode(net, net.ports("redisPlainPort").getFirst(), authority, stranger(dir));
    }

    private static String first(String pattern, String text) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern).isTrue();
        return found.group(1);
    }

    private static Path stranger(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(file -> file.toString().contains("/cacerts/"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    void destroy() throws IOException, InterruptedException {
        net.destroy();
    }
}
