package org.holdfast.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class YamlTreeTest {
    @Test
    void anchorsAndMergeKeysAreFollowedAndOwnKeysGoFirst() {
        YamlTree tree = tree("""
                defaults: &base
                  size: 10 MB
                  deep: {a: 1}
                more: &more
                  extra: yes please
                one:
                  <<: *base
                  size: 5 MB
                two:
                  <<: [*base, *more]
                three:
                  <<: *more
                  <<: *base
                """);
        assertThat(tree.at("one").at("size").text()).contains("5 MB");
        assertThat(tree.at("one").at("deep").at("a").number(0, 0, 9)).isEqualTo(1);
        assertThat(tree.at("two").entries()).containsOnlyKeys("size", "deep", "extra");
        assertThat(tree.at("three").entries()).containsOnlyKeys("extra", "size", "deep");
        assertThat(tree.faults()).isEmpty();
    }

    @Test
    void everyFaultIsGatheredWithPathAndLine() {
        YamlTree tree = tree("""
                nodes:
                  - name: n1
                    port: many
                    prot: 7050
                  - [list]
                empty: ~
                twice: 1
                twice: 2
                """);
        YamlTree node = tree.at("nodes").items().getFirst();
        assertThat(node.at("port").number(7, 1, 9)).isEqualTo(7);
        node.onlyKeys(Set.of("name", "port"));
        assertThat(tree.at("nodes").items().get(1).text()).isEmpty();
        assertThat(tree.at("empty").required()).isEmpty();
        assertThat(tree.at("absent").at("below").required()).isEmpty();
        assertThat(tree.at("nodes").items().getFirst().at("name").items()).isEmpty();
        assertThat(tree.faults())
                .containsExactly(
                        "the file twice is there twice (line 8)",
                        "nodes[0].port is 'many', a number from 1 to 9 is wanted (line 3)",
                        "nodes[0].prot is no key here; known are name, port (line 4)",
                        "nodes[1] must be one value (line 5)",
                        "empty is missing (line 6)",
                        "absent.below is missing",
                        "nodes[0].name must be a list (line 2)");
    }

    @Test
    void whatIsNoYamlIsOneFaultWithItsLine() {
        YamlTree tree = tree("a: 1\n  b: [");
        assertThat(tree.faults()).singleElement().asString().contains("file.yaml is no valid YAML in line");
        assertThat(tree.entries()).isEmpty();
        assertThat(tree("- 1\n- 2").faults()).hasSize(1);
        assertThat(tree("").faults()).isEmpty();
    }

    @Test
    void anAnchorThatMergesItselfEnds() {
        YamlTree tree = tree("a: &a\n  x: 1\n  <<: *a\n");
        tree.at("a").entries();
        assertThat(tree.faults()).anySatisfy(fault -> assertThat(fault).contains("merges into itself"));
    }

    private static YamlTree tree(String text) {
        return YamlTree.of("file.yaml", text.getBytes(StandardCharsets.UTF_8));
    }
}
