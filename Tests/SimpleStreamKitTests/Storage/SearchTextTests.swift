import Testing

@testable import SimpleStreamKit

@Suite struct SearchTextTests {
    @Test(arguments: [
        ("", ""), ("  ", ""), ("Hello, World!", "hello world"), ("a_b-c.d", "a b c d"),
        ("Ünïcödé ŁÓDŹ Øre", "unicode lodz ore"),
        ("e\u{301}a", "ea"), ("ΟΔΟΣ οδός ᾅ Ὠ", "οδοσ οδοσ α ω"), ("ẞß", "ßß"), ("İi", "ii"), ("東京 a塔b", "東 京 a 塔 b"),
        ("v2.0 x²", "v2 0 x²"), ("🦀crab🦀", "crab"), ("don't", "don t"), ("हिन्दी", "हिन्दी"), ("Ǆ", "ǳ"),
    ])
    func foldsWords(text: String, folded: String) {
        #expect(SearchText.indexed(text) == folded)
    }

    @Test func phrasesHoldPiecesTogether() {
        #expect(
            SearchText.phrases(" foo-bar !! Bäz") == [
                .init(words: ["foo", "bar"], isPrefix: false), .init(words: ["baz"], isPrefix: true),
            ])
        #expect(SearchText.phrases("?!").isEmpty)
    }

    @Test func queriesAreBounded() {
        let phrases = SearchText.phrases(String(repeating: "a ", count: 1_000) + String(repeating: "b.", count: 1_000))
        #expect(phrases.count == 32)
        #expect(SearchText.phrases(String(repeating: "b.", count: 1_000)).map(\.words.count) == [64])
    }
}
