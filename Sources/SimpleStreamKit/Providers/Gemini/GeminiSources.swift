/// Turns Google's sources, whose places are byte offsets, into citations, whose places are Unicode scalars.
struct GeminiSources: Sendable {
    /// The answer so far.
    private var text: [UInt8] = []
    /// How many scalars begin before each 1 024th byte.
    private var marks = [0]
    private var scalars = 0
    private var told: Set<Citation> = []

    init() {}

    mutating func append(_ piece: String) {
        for byte in piece.utf8 {
            text.append(byte)
            // Every scalar has one byte that continues none.
            if byte & 0xC0 != 0x80 { scalars += 1 }
            if text.count.isMultiple(of: 1_024) { marks.append(scalars) }
        }
    }

    /// The citations in a candidate's metadata that were not told before.
    mutating func take(grounding: JSONView?, citations: JSONView?) -> [Citation] {
        var found: [Citation] = []
        if let grounding { found += self.grounding(grounding) }
        if let citations { found += quotations(citations) }
        return found.filter { told.insert($0).inserted }
    }

    /// What was searched for, by the passages it supports; pages that support no passage have no place.
    private func grounding(_ view: JSONView) -> [Citation] {
        guard let chunks = view["groundingChunks"], chunks.kind == .array else { return [] }
        var pages: [Citation?] = []
        each(chunks) { chunk in
            let page = chunk["web"] ?? chunk["retrievedContext"] ?? chunk["maps"]
            pages.append(
                page?["uri"]?.string.map { Citation(url: $0, title: page?["title"]?.string ?? $0) })
        }
        var found: [Citation] = []
        var supported: Set<Int> = []
        if let supports = view["groundingSupports"] {
            each(supports) { support in
                guard let segment = support["segment"], let indices = support["groundingChunkIndices"] else { return }
                let start = scalar(at: segment["startIndex"]?.int ?? 0)
                let end = segment["endIndex"]?.int.flatMap { scalar(at: $0) }
                each(indices) { index in
                    guard let index = index.int, pages.indices.contains(index), var page = pages[index] else { return }
                    supported.insert(index)
                    page.start = end == nil ? nil : start
                    page.end = start == nil ? nil : end
                    found.append(page)
                }
            }
        }
        for index in pages.indices where !supported.contains(index) {
            if let page = pages[index] { found.append(page) }
        }
        return found
    }

    /// What the answer repeats from elsewhere.
    private func quotations(_ view: JSONView) -> [Citation] {
        guard let list = view["citationSources"] ?? view["citations"] else { return [] }
        var found: [Citation] = []
        each(list) { source in
            guard let url = source["uri"]?.string, !url.isEmpty else { return }
            var citation = Citation(url: url, title: source["title"]?.string ?? url)
            if let start = scalar(at: source["startIndex"]?.int ?? 0),
                let end = source["endIndex"]?.int.flatMap({ scalar(at: $0) })
            {
                citation.start = start
                citation.end = end
            }
            found.append(citation)
        }
        return found
    }

    /// The scalars before a byte; nil beyond the text.
    private func scalar(at byte: Int) -> Int? {
        guard byte >= 0, byte <= text.count else { return nil }
        let mark = byte / 1_024
        return text[(mark * 1_024)..<byte].reduce(marks[mark]) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    private func each(_ view: JSONView, _ body: (JSONView) -> Void) {
        var elements = view.elements
        while let element = try? elements.next() { body(element) }  // Malformed: what was read before holds.
    }
}
