/// Reads where an answer's statements come from, in the shapes of OpenAI and its copies.
enum OpenAICitations {
    /// One annotation: flat as in Responses, or with a `url_citation` inside as in chat completions.
    static func annotation(_ view: JSONView) -> Citation? {
        let inner = view["url_citation"] ?? view
        if let url = inner["url"]?.string, !url.isEmpty {
            return Citation(
                url: url,
                title: inner["title"]?.string ?? url,
                start: inner["start_index"]?.int,
                end: inner["end_index"]?.int)
        }
        // A file has no address; its name is all that can be shown.
        guard let id = view["file_id"]?.string, !id.isEmpty else { return nil }
        return Citation(
            url: "file:\(id)",
            title: view["filename"]?.string ?? id,
            start: view["start_index"]?.int ?? view["index"]?.int,
            end: view["end_index"]?.int)
    }

    /// A list of plain addresses, as xAI and Perplexity send.
    static func addresses(_ view: JSONView) -> [Citation] {
        var citations: [Citation] = []
        var elements = view.elements
        while let element = try? elements.next() {  // Malformed: what was read before holds.
            if let url = element.string ?? element["url"]?.string, !url.isEmpty {
                citations.append(Citation(url: url, title: element["title"]?.string ?? url))
            }
        }
        return citations
    }
}

extension Citation {
    /// The same about a text that begins later in the answer; what is no place is left out.
    func moved(by scalars: Int) -> Citation {
        func moved(_ place: Int?) -> Int? { place.flatMap { 0...(1 << 40) ~= $0 ? $0 + scalars : nil } }
        var citation = self
        citation.start = moved(start)
        citation.end = moved(end).flatMap { $0 >= citation.start ?? 0 ? $0 : nil }
        return citation
    }
}
