extension CatalogTable {
    /// Reads a table.
    ///
    /// Lines it cannot read are left out and counted.
    static func parse(_ table: String) -> (sections: [CatalogSection], unread: Int) {
        var sections: [CatalogSection] = []
        var unread = 0
        for line in table.split(separator: "\n") {
            let text = line.trimmingSpaces
            if text.isEmpty { continue }
            if text.hasPrefix("@") {
                sections.append(CatalogSection(provider: String(text.dropFirst().trimmingSpaces)))
                continue
            }
            guard var section = sections.popLast() else {
                unread += 1
                continue
            }
            let isIndented = line.first == " "
            let understood: Bool
            if !isIndented {
                let model = model(from: text, provider: section.provider)
                if let model { section.models.append(model) }
                understood = model != nil
            } else if var model = section.models.popLast() {
                understood = apply(text, to: &model, source: section.priceSource)
                section.models.append(model)
            } else {
                understood = apply(text, to: &section)
            }
            if !understood { unread += 1 }
            sections.append(section)
        }
        return (sections, unread)
    }

    // MARK: Lines

    private static func apply(_ text: Substring, to section: inout CatalogSection) -> Bool {
        let words = text.split(separator: " ").map(String.init)
        let rest = Array(words.dropFirst())
        switch words.first {
        case "default": section.defaultModel = rest.first
        case "titles": section.titleModel = rest.first
        case "snapshots": section.snapshots += rest
        case "other": section.others += rest
        case "priced": section.priceSource = rest.joined(separator: " ")
        case "creators":
            for pair in rest {
                let sides = pair.split(separator: "=")
                guard sides.count == 2 else { return false }
                section.creators[String(sides[0])] = String(sides[1])
            }
        default: return false
        }
        return !rest.isEmpty
    }

    private static func model(from text: Substring, provider: String) -> Model? {
        let columns = text.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmingSpaces)
        guard columns.count == 7, !columns[0].isEmpty, !columns[1].isEmpty else { return nil }
        var model = Model(id: String(columns[0]), provider: provider, displayName: String(columns[1]))
        let sizes = columns[2].split(separator: " ")
        guard sizes.count == 2, let tools = columns[6].first, let search = columns[6].last else { return nil }
        model.contextWindow = Int(sizes[0])
        model.maxOutput = Int(sizes[1])
        model.supportsTools = flag(tools)
        model.supportsWebSearch = flag(search)
        let sides = columns[3].split(separator: ">")
        if sides.count == 2 {
            model.inputModalities = modalities(sides[0])
            model.outputModalities = modalities(sides[1])
        }
        if columns[5] != "?" { model.sampling = Model.Sampling(rawValue: String(columns[5])) }
        return readReasoning(columns[4], into: &model) ? model : nil
    }

    private static func readReasoning(_ text: Substring, into model: inout Model) -> Bool {
        if text == "?" { return true }
        if text == "no" {
            model.reasoningLevels = []
            return true
        }
        let words = text.split(separator: " ")
        guard words.count >= 2, let levels = levels(words[1]) else { return false }
        model.reasoningLevels = levels
        var reasoning = Model.Reasoning(control: Model.Reasoning.Control(rawValue: String(words[0])))
        if words.count == 4, words[2] == "default" {
            reasoning.defaultLevel = String(words[3])
        } else if words.count == 3 {
            let ends = words[2].split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let low = Int(ends[0]), low <= Int(ends[1]) ?? .max else { return false }
            reasoning.budget = low...(Int(ends[1]) ?? .max)
        }
        model.reasoning = reasoning
        return true
    }

    private static func apply(_ text: Substring, to model: inout Model, source: String) -> Bool {
        let words = text.split(separator: " ")
        switch words.first {
        case "$":
            guard let price = price(words.dropFirst(), source: source) else { return false }
            model.price = price
        case "until", "gone":
            model.isDeprecated = true
            model.isRetired = words[0] == "gone"
            model.shutdown = words.count > 1 ? String(words[1]) : nil
        case "note":
            model.note = String(text.dropFirst(4).trimmingSpaces)
        default: return false
        }
        return true
    }

    // MARK: Cells

    private static func price(_ words: ArraySlice<Substring>, source: String) -> Model.Price? {
        let cells = Array(words)
        guard cells.count == 4 || (cells.count == 10 && cells[4] == "above"), let input = microUSD(cells[0]),
            let output = microUSD(cells[3])
        else { return nil }
        var price = Model.Price(
            input: input, cachedInput: microUSD(cells[1]), cacheWrite: microUSD(cells[2]), output: output,
            source: source)
        if cells.count == 10 {
            guard let threshold = Int(cells[5]), let input = microUSD(cells[6]), let output = microUSD(cells[9]) else {
                return nil
            }
            price.longPrompt = Model.Price.LongPrompt(
                threshold: threshold, input: input, cachedInput: microUSD(cells[7]), cacheWrite: microUSD(cells[8]),
                output: output)
        }
        return price
    }

    /// Dollars with up to six decimals as millionths; nil for anything else.
    static func microUSD(_ dollars: Substring) -> Int? {
        let parts = dollars.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.count <= 2 else { return nil }
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard (1...6).contains(decimals.count), (whole + decimals).allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        return Int(whole + decimals + String(repeating: "0", count: 6 - decimals.count))
    }

    private static func flag(_ letter: Character) -> Bool? { letter == "?" ? nil : letter == "y" }

    private static func modalities(_ letters: Substring) -> [String] {
        let names: [Character: String] = ["t": "text", "i": "image", "p": "pdf", "a": "audio", "v": "video"]
        return letters.compactMap { names[$0] }
    }

    /// Levels separated by commas, `low..high` for all from one to the other.
    private static func levels(_ text: Substring) -> [String]? {
        let all = Model.allReasoningLevels
        var levels: [String] = []
        for item in text.split(separator: ",") {
            let ends = item.split(separator: ".").map(String.init)
            guard let first = ends.first.flatMap(all.firstIndex), let last = ends.last.flatMap(all.firstIndex),
                first <= last
            else { return nil }
            levels += all[first...last]
        }
        return levels
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
