/// Reads the events of a response, and whole responses from servers that do not stream.
package struct ResponsesDecoder: ReplyDecoder {
    let provider: String
    let quirks: ResponsesQuirks
    let failures: FailureDecoder

    private var model = ""
    var items: [Int: ResponsesItem] = [:]
    private var lastIndex = 0
    var hasText = false
    var hasRefusal = false
    var hasThinking = false
    /// Whether the next thinking starts a new part.
    var startsPart = false
    var state = ResponsesState()
    /// Unicode scalars of the answer so far, where citations point to.
    var scalars = 0
    private var isFinished = false

    init(provider: String, quirks: ResponsesQuirks, failures: FailureDecoder) {
        self.provider = provider
        self.quirks = quirks
        self.failures = failures
    }

    package mutating func decode(_ event: ServerSentEvent, into events: inout [ReplyEvent]) throws(ChatError) {
        // Some servers end with the word that chat completions end with.
        guard !isFinished, !event.data.isEmpty, !event.data.holds("[DONE]", in: event.data.indices) else { return }
        do {
            let view = JSONView(event.data)
            if event.name == "error" { throw failures.error(inStream: view) }
            try dispatch(try ResponsesEvent(view), view, into: &events)
        } catch let error as JSONError {
            throw failures.protocolError(
                "\(failures.providerName) sent an event that is not JSON.", detail: error.description)
        } catch let error as ChatError {
            throw error
        } catch {
            throw ChatError(.internal, "The reply could not be read.", detail: String(describing: error))
        }
    }

    package mutating func end(into events: inout [ReplyEvent]) throws(ChatError) {
        guard !isFinished else { return }
        throw failures.protocolError("The reply of \(failures.providerName) ended without its end.")
    }
}

// MARK: - Events

extension ResponsesDecoder {
    private mutating func dispatch(
        _ event: ResponsesEvent,
        _ view: JSONView,
        into events: inout [ReplyEvent]
    ) throws {
        guard let type = event.type else {
            if let error = event.error { throw failures.error(inStream: error) }
            if event.isResponse { try wholeResponse(view, into: &events) }
            return
        }
        let index = event.outputIndex ?? lastIndex
        if type.equals("response.output_text.delta") {
            take(text: event.delta, index, event.contentIndex ?? 0, into: &events)
        } else if type.equals("response.reasoning_summary_text.delta") || type.equals("response.reasoning_text.delta") {
            take(thinking: event.delta, index, into: &events)
        } else if type.equals("response.function_call_arguments.delta")
            || type.equals("response.custom_tool_call_input.delta")
        {
            take(arguments: event.delta, index, into: &events)
        } else {
            try rare(type.string ?? "", event, view, index, into: &events)
        }
    }

    private mutating func rare(
        _ type: String,
        _ event: ResponsesEvent,
        _ view: JSONView,
        _ index: Int,
        into events: inout [ReplyEvent]
    ) throws {
        switch type {
        case "response.created", "response.in_progress":
            if let response = event.response { take(model: response["model"], into: &events) }
        case "response.output_item.added":
            lastIndex = index
            if let item = event.item { added(item, index, into: &events) }
        case "response.output_item.done":
            if let item = event.item { try done(item, index, into: &events) }
        case "response.refusal.delta":
            hasRefusal = true
            take(text: event.delta, index, event.contentIndex ?? 0, isRefusal: true, into: &events)
        case "response.reasoning_summary_part.added":
            startsPart = hasThinking
        case "response.output_text.annotation.added":
            if let citation = event.annotation.flatMap(OpenAICitations.annotation) {
                items[index]?.hasCitations = true
                let start = items[index]?.partStarts[event.contentIndex ?? 0] ?? 0
                events.append(.citations([citation.moved(by: start)]))
            }
        case "response.completed", "response.incomplete", "response.cancelled":
            try finish(event.response ?? view, into: &events)
        case "response.failed":
            if let response = event.response { take(usage: response["usage"], into: &events) }
            // Meta says what failed beside the response.
            let response = event.response.flatMap { $0["error"]?.isNull == false ? $0 : nil }
            throw failures.error(inStream: response ?? view)
        case "error":
            throw failures.error(inStream: view)
        default:
            // An error object without a type of its own, as gateways put into streams.
            if let error = event.error { throw failures.error(inStream: error) }
            if !Self.isKnown(type) { events.append(.skipped(kind: String(type.prefix(64)))) }
        }
    }

    /// Whether an event is one that says nothing new: progress, or the end of a piece.
    private static func isKnown(_ type: String) -> Bool {
        let known = [
            "queued", "content_part.", "output_text.", "refusal.", "reasoning_", "function_call_arguments.",
            "custom_tool_call_input.", "web_search_call.", "file_search_call.", "code_interpreter_call",
            "image_generation_call.", "mcp_", "shell_call", "compaction",
        ]
        guard type.hasPrefix("response.") else { return type == "keepalive" || type == "ping" }
        return known.contains { type.dropFirst("response.".count).hasPrefix($0) }
    }

    private mutating func take(model view: JSONView?, into events: inout [ReplyEvent]) {
        guard let view, !view.equals(model), let name = view.string, !name.isEmpty else { return }
        model = name
        events.append(.model(name))
    }

    private func take(usage view: JSONView?, into events: inout [ReplyEvent]) {
        if let view, view.kind == .object, let usage = OpenAIUsage.read(view) { events.append(.usage(usage)) }
    }
}

// MARK: - The end

extension ResponsesDecoder {
    /// A response that came at once.
    private mutating func wholeResponse(_ response: JSONView, into events: inout [ReplyEvent]) throws {
        if let error = response["error"], !error.isNull { throw failures.error(inStream: response) }
        try finish(response, into: &events)
    }

    private mutating func finish(_ response: JSONView, into events: inout [ReplyEvent]) throws {
        take(model: response["model"], into: &events)
        let status = response["status"]?.string ?? "completed"
        let isTruncated = status == "incomplete"
        try takeOutput(of: response, isTruncated: isTruncated, into: &events)
        for index in items.keys.sorted() { endCall(index, isTruncated: isTruncated, into: &events) }
        take(usage: response["usage"], into: &events)
        if let kept = state.state(of: provider) { events.append(.state(kept)) }
        events.append(.finished(reason(status, response)))
        isFinished = true
    }

    /// The output at the end holds: what it has and the stream had not is taken from it.
    private mutating func takeOutput(
        of response: JSONView, isTruncated: Bool, into events: inout [ReplyEvent]
    ) throws {
        guard let output = response["output"] else { return }
        // Text that belonged to no item counts too: some servers announce none.
        var streamed = Set(items.values.map(\.kind))
        if scalars > 0 { streamed.insert(.message) }
        if hasThinking { streamed.insert(.reasoning) }
        var elements = output.elements
        var index = 0
        while let view = try elements.next() {
            defer { index += 1 }
            let item = ResponsesItem(view, serverCallPrefixes: quirks.serverCallPrefixes)
            // A call that was cut off must not be taken for a whole one.
            if item.kind == .call, isTruncated, view["status"]?.equals("completed") != true { continue }
            if items[index]?.kind == item.kind {
                try done(view, index, into: &events)
            } else if !streamed.contains(item.kind) {
                // Proxies number the items as they like.
                let place = items[index] == nil ? index : (items.keys.max() ?? 0) &+ 1
                added(view, place, into: &events)
                try done(view, place, into: &events)
            }
        }
    }

    private func reason(_ status: String, _ response: JSONView) -> FinishReason {
        switch status {
        case "completed": break
        case "incomplete":
            switch response["incomplete_details"]?["reason"]?.string {
            case "max_output_tokens": return .length
            case "content_filter": return .contentFilter
            default: return .other
            }
        default: return .other
        }
        if items.values.contains(where: { $0.kind == .call }) { return .toolCalls }
        return hasRefusal && !hasText ? .refusal : .stop
    }
}
