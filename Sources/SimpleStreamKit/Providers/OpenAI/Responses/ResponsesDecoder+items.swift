extension ResponsesDecoder {
    private static let maxItems = 512

    /// More of an answer's text, or of a refusal.
    mutating func take(
        text view: JSONView?, _ index: Int, _ part: Int, isRefusal: Bool = false, into events: inout [ReplyEvent]
    ) {
        guard let text = view?.string, !text.isEmpty else { return }
        if !isRefusal { hasText = true }
        if items[index] != nil, items[index]?.partStarts[part] == nil { items[index]?.partStarts[part] = scalars }
        scalars += text.unicodeScalars.count
        if items[index]?.hasText == false { items[index]?.hasText = true }
        state.take(text: text.utf8.count, at: index)
        events.append(.text(text))
    }

    /// More of the model's thinking.
    mutating func take(thinking view: JSONView?, _ index: Int, into events: inout [ReplyEvent]) {
        guard let text = view?.string, !text.isEmpty else { return }
        items[index]?.hasText = true
        events.append(.thinking(startsPart ? "\n\n" + text : text))
        startsPart = false
        hasThinking = true
    }

    /// More of a call's arguments.
    mutating func take(arguments view: JSONView?, _ index: Int, into events: inout [ReplyEvent]) {
        guard let text = view?.string, !text.isEmpty, let item = items[index], item.isCall, !item.isDone else { return }
        items[index]?.arguments += text
        events.append(item.event(.delta, input: text))
    }

    /// A new item.
    mutating func added(_ view: JSONView, _ index: Int, into events: inout [ReplyEvent]) {
        let item = ResponsesItem(view, serverCallPrefixes: quirks.serverCallPrefixes)
        if item.isCall, let known = items.first(where: { $0.value.isCall && $0.value.callID == item.callID }) {
            // Announced before, perhaps with another index.
            if known.value.isDone || known.key == index { return }
            items[index] = items.removeValue(forKey: known.key)
            return
        }
        // Honest responses have a handful; what comes beyond is not looked at.
        guard items.count < Self.maxItems else { return }
        items[index] = item
        if item.kind == .reasoning { startsPart = hasThinking }
        if item.isCall { events.append(item.event(.started)) }
    }

    /// The whole item, which holds over what came in pieces.
    mutating func done(_ view: JSONView, _ index: Int, into events: inout [ReplyEvent]) throws {
        if items[index] == nil { added(view, index, into: &events) }
        guard let item = items[index], !item.isDone else { return }
        switch item.kind {
        case .message: try doneMessage(view, index, item, into: &events)
        case .reasoning: try doneReasoning(view, index, item, into: &events)
        case .call: doneCall(view, index, into: &events)
        case .serverCall: doneServerCall(view, item, into: &events)
        case .other: break
        }
        items[index]?.isDone = true
    }

    private mutating func doneMessage(
        _ view: JSONView,
        _ index: Int,
        _ item: ResponsesItem,
        into events: inout [ReplyEvent]
    ) throws {
        var citations: [Citation] = []
        if let content = view["content"] {
            var parts = content.elements
            var number = -1
            while let part = try parts.next() {
                number += 1
                if !item.hasText {
                    let refusal = part["refusal"]
                    if refusal?.string?.isEmpty == false { hasRefusal = true }
                    take(text: refusal ?? part["text"], index, number, isRefusal: refusal != nil, into: &events)
                }
                let start = items[index]?.partStarts[number] ?? 0
                guard let annotations = part["annotations"], !item.hasCitations else { continue }
                var elements = annotations.elements
                while let element = try elements.next() {
                    if let citation = OpenAICitations.annotation(element) {
                        citations.append(citation.moved(by: start))
                    }
                }
            }
        }
        if !citations.isEmpty { events.append(.citations(citations)) }
        state.take(phase: view["phase"]?.string, at: index)
    }

    private mutating func doneReasoning(
        _ view: JSONView,
        _ index: Int,
        _ item: ResponsesItem,
        into events: inout [ReplyEvent]
    ) throws {
        if !item.hasText {
            for key in ["summary", "content"] {
                guard let list = view[key] else { continue }
                var parts = list.elements
                while let part = try parts.next() {
                    take(thinking: part["text"], index, into: &events)
                    startsPart = hasThinking
                }
            }
        }
        if view["encrypted_content"]?.string?.isEmpty == false { state.take(reasoning: view, at: index) }
    }

    private mutating func doneCall(_ view: JSONView, _ index: Int, into events: inout [ReplyEvent]) {
        if let arguments = view["arguments"]?.string ?? view["input"]?.string, !arguments.isEmpty {
            items[index]?.arguments = arguments
        }
        endCall(index, isTruncated: view["status"]?.equals("incomplete") == true, into: &events)
    }

    /// Ends a call that has not ended.
    mutating func endCall(_ index: Int, isTruncated: Bool, into events: inout [ReplyEvent]) {
        guard let item = items[index], !item.isDone, item.isCall else { return }
        items[index]?.isDone = true
        var arguments = item.arguments
        if arguments.isEmpty, !isTruncated { arguments = "{}" }
        events.append(item.event(isTruncated ? .failed : .finished, input: arguments))
        if item.kind == .call, !isTruncated { state.take(call: item.callID, at: index) }
    }

    private func doneServerCall(_ view: JSONView, _ item: ResponsesItem, into events: inout [ReplyEvent]) {
        let input = ["action", "code", "queries", "arguments", "input", "prompt", "revised_prompt"].lazy
            .compactMap { view[$0] }.first { !$0.isNull }
        let output = ["outputs", "output", "results"].lazy.compactMap { view[$0] }.first { !$0.isNull }
        let isFailed = view["status"]?.equals("failed") == true || view["status"]?.equals("incomplete") == true
        events.append(
            item.event(isFailed ? .failed : .finished, input: input.map(Self.text), output: output.map(Self.text)))
        if let image = Self.image(view) { events.append(image) }
    }

    /// A picture the provider made; nil when there is none, or not of a kind that can be shown.
    private static func image(_ view: JSONView) -> ReplyEvent? {
        guard view["type"]?.equals("image_generation_call") == true, let result = view["result"]?.string else {
            return nil
        }
        let bytes = DataURL(result)?.bytes ?? Base64.decode(result) ?? []
        return ImageType.mime(of: bytes).map { .inlineData(mime: $0, bytes: bytes) }
    }

    /// A string's text, or any other value's JSON.
    private static func text(_ view: JSONView) -> String { view.string ?? String(decoding: view.raw, as: UTF8.self) }
}
