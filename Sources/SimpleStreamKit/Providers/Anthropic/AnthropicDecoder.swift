/// Reads a Messages stream.
package struct AnthropicDecoder: ReplyDecoder {
    let provider: String
    private let failures: FailureDecoder

    /// Honest messages have one.
    private static let maxOpenBlocks = 256

    private var model = ""
    private var usage = AnthropicUsage()
    private var open: [Int: AnthropicBlock] = [:]
    private var turn = AnthropicTurn()
    /// Calls of tools that the provider runs and has not answered yet.
    private var serverCalls: [String: ToolEvent] = [:]
    private var serverCallOrder: [String] = []
    private var hasCalls = false
    /// Unicode scalars of the answer so far, where citations point to.
    private var scalars = 0
    private var stopReason: String?
    private var isFinished = false

    init(provider: String, failures: FailureDecoder) {
        self.provider = provider
        self.failures = failures
    }

    package mutating func decode(_ event: ServerSentEvent, into events: inout [ReplyEvent]) throws(ChatError) {
        guard !isFinished, !event.data.isEmpty else { return }
        let view = JSONView(event.data)
        if event.name == "error" { throw error(view, into: &events) }
        guard view.kind == .object else {
            if event.data.elementsEqual("[DONE]".utf8) { return }
            throw notJSON(event.data)
        }
        let type = view["type"]
        // Most events are these.
        if type?.equals("content_block_delta") == true { return delta(view, into: &events) }
        guard let type = type?.string else {
            // A reply without streaming, or an error in a shape of its own.
            if let error = view["error"], !error.isNull { throw self.error(view, into: &events) }
            throw notJSON(event.data)
        }
        switch type {
        case "content_block_start": start(view, into: &events)
        case "content_block_stop": stop(view["index"]?.int ?? 0, into: &events)
        case "message_start": begin(view, into: &events)
        case "message_delta": messageDelta(view, into: &events)
        case "message_stop": finish(into: &events)
        case "error": throw error(view, into: &events)
        case "ping": events.append(.activity)
        // What may come after this was written.
        default: events.append(.skipped(kind: String(type.prefix(64))))
        }
    }

    package mutating func end(into events: inout [ReplyEvent]) throws(ChatError) {
        guard !isFinished else { return }
        throw failures.protocolError("The reply of \(failures.providerName) ended without its end.")
    }

    private func error(_ view: JSONView, into events: inout [ReplyEvent]) -> ChatError {
        if let counted = usage.totalAtError { events.append(.usage(counted)) }
        return failures.error(inStream: view)
    }

    private func notJSON(_ data: [UInt8]) -> ChatError {
        failures.protocolError(
            "\(failures.providerName) sent an event that is not one of its language.",
            detail: String(decoding: data.prefix(500), as: UTF8.self))
    }
}

// MARK: - The message

extension AnthropicDecoder {
    /// The message begins.
    ///
    /// Proxies that go on with another model begin a second one: what was open is void.
    private mutating func begin(_ view: JSONView, into events: inout [ReplyEvent]) {
        for index in open.keys.sorted() { abandon(index, into: &events) }
        turn = AnthropicTurn()
        usage = AnthropicUsage()
        stopReason = nil
        hasCalls = false
        guard let message = view["message"] else { return }
        take(model: message["model"]?.string, into: &events)
        if let counts = message["usage"], usage.take(counts, isStart: true) { events.append(.usage(usage.total)) }
    }

    private mutating func take(model name: String?, into events: inout [ReplyEvent]) {
        guard let name, !name.isEmpty, name != model else { return }
        model = name
        events.append(.model(name))
    }

    private mutating func messageDelta(_ view: JSONView, into events: inout [ReplyEvent]) {
        if let reason = view["delta"]?["stop_reason"]?.string { stopReason = reason }
        if let counts = view["usage"], usage.take(counts) { events.append(.usage(usage.total)) }
    }

    private mutating func finish(into events: inout [ReplyEvent]) {
        for index in open.keys.sorted() { stop(index, into: &events) }
        // Calls without a result, as in a paused turn.
        for id in serverCallOrder {
            guard let call = serverCalls[id] else { continue }
            events.append(.tool(call))
        }
        let reason = Self.reason(stopReason, hasCalls: hasCalls)
        if let state = turn.state(provider: provider, isPaused: reason == .paused) { events.append(.state(state)) }
        events.append(.finished(reason))
        isFinished = true
    }

    private static func reason(_ word: String?, hasCalls: Bool) -> FinishReason {
        switch word {
        case "end_turn", "stop_sequence": .stop
        case "max_tokens", "model_context_window_exceeded": .length
        case "tool_use": .toolCalls
        case "refusal": .refusal
        case "pause_turn": .paused
        case nil: hasCalls ? .toolCalls : .stop
        default: .other
        }
    }
}

// MARK: - Blocks

extension AnthropicDecoder {
    private mutating func start(_ view: JSONView, into events: inout [ReplyEvent]) {
        let index = view["index"]?.int ?? 0
        if open[index] != nil { stop(index, into: &events) }
        guard open.count < Self.maxOpenBlocks, let content = view["content_block"], let type = content["type"]?.string
        else { return }
        var block = AnthropicBlock(type: type, firstScalar: scalars)
        switch type {
        case "text":
            text(content["text"]?.string ?? "", of: &block, into: &events)
        case "thinking":
            thinking(content["thinking"]?.string ?? "", of: &block, into: &events)
            block.signature = content["signature"]?.string ?? ""
        case "redacted_thinking":
            block.signature = content["data"]?.string ?? ""
        case "tool_use", "server_tool_use", "mcp_tool_use":
            block.id = content["id"]?.string ?? "call_\(index)"
            block.name = content["name"]?.string ?? ""
            block.initial = content["input"].map { String(decoding: $0.raw, as: UTF8.self) }
            block.source = block.isServerSide ? try? content.value() : nil  // Unreadable: not kept.
            hasCalls = hasCalls || !block.isServerSide
            events.append(.tool(block.event(.started)))
        case _ where type.hasSuffix("_tool_result"):
            result(content, into: &events)
        case "fallback":
            take(model: content["to"]?["model"]?.string, into: &events)
        default:
            events.append(.skipped(kind: "block \(type.prefix(64))"))
        }
        open[index] = block
    }

    private mutating func delta(_ view: JSONView, into events: inout [ReplyEvent]) {
        let index = view["index"]?.int ?? 0
        guard let delta = view["delta"], let type = delta["type"], open[index] != nil else { return }
        // Taken out and put back, so that the block is changed in place.
        guard var block = open.removeValue(forKey: index) else { return }
        defer { open[index] = block }
        if type.equals("text_delta") {
            text(delta["text"]?.string ?? "", of: &block, into: &events)
        } else if type.equals("thinking_delta") {
            thinking(delta["thinking"]?.string ?? "", of: &block, into: &events)
        } else if type.equals("input_json_delta") {
            guard let piece = delta["partial_json"]?.string, !piece.isEmpty else { return }
            block.input += piece
            if block.isCall { events.append(.tool(block.event(.delta, input: piece))) }
        } else if type.equals("signature_delta") {
            let piece = delta["signature"]?.string ?? ""
            // What is longer cannot be sent back anyway.
            if block.signature.utf8.count <= AnthropicTurn.maxBytes { block.signature += piece }
            events.append(.activity)
        } else if type.equals("citations_delta") {
            if let citation = delta["citation"].flatMap(Self.citation) { block.citations.append(citation) }
        } else {
            events.append(.skipped(kind: "delta \(type.string?.prefix(64) ?? "")"))
        }
    }

    private mutating func text(_ text: String, of block: inout AnthropicBlock, into events: inout [ReplyEvent]) {
        guard !text.isEmpty else { return }
        block.textBytes += text.utf8.count
        scalars += text.unicodeScalars.count
        events.append(.text(text))
    }

    private func thinking(_ text: String, of block: inout AnthropicBlock, into events: inout [ReplyEvent]) {
        guard !text.isEmpty else { return }
        block.thinking += text
        events.append(.thinking(text))
    }

    private mutating func stop(_ index: Int, into events: inout [ReplyEvent]) {
        guard let block = open.removeValue(forKey: index) else { return }
        switch block.type {
        case "text":
            turn.addText(bytes: block.textBytes)
            if !block.citations.isEmpty { events.append(.citations(block.citations(upTo: scalars))) }
        case "thinking":
            turn.addThinking(block.thinking, signature: block.signature)
        case "redacted_thinking":
            turn.addRedactedThinking(block.signature)
        case _ where block.isServerSide:
            var call = block.event(.finished)
            call.input = block.arguments
            serverCalls[block.id] = call
            serverCallOrder.append(block.id)
            if let source = block.sourceWithInput { turn.addServerBlock(source, bytes: block.arguments.utf8.count) }
        case "tool_use":
            let isWhole = block.arguments.isJSONObject
            events.append(.tool(block.event(isWhole ? .finished : .failed, input: block.arguments)))
            turn.addCall(ToolCall(id: block.id, name: block.name, arguments: block.arguments))
        default:
            break
        }
    }

    /// Gives up a block that another message replaced.
    private mutating func abandon(_ index: Int, into events: inout [ReplyEvent]) {
        guard let block = open.removeValue(forKey: index), block.isCall else { return }
        events.append(.tool(block.event(.failed, input: block.arguments)))
    }

    /// What a tool returned that the provider ran.
    private mutating func result(_ content: JSONView, into events: inout [ReplyEvent]) {
        if content.raw.count <= AnthropicTurn.maxBytes, let source = try? content.value() {  // Unreadable: not kept.
            turn.addServerBlock(source, bytes: content.raw.count)
        }
        guard let id = content["tool_use_id"]?.string, var call = serverCalls.removeValue(forKey: id) else { return }
        let inner = content["content"]
        let isError = content["is_error"]?.bool == true || inner?["type"]?.string?.hasSuffix("_error") == true
        call.phase = isError ? .failed : .finished
        call.output = inner.map(Self.output)
        events.append(.tool(call))
    }
}

// MARK: - Sources

extension AnthropicDecoder {
    /// A source on the web, or a document that has no address.
    private static func citation(_ view: JSONView) -> Citation? {
        let url = view["url"]?.string ?? view["source"]?.string ?? ""
        let title = view["title"]?.string ?? view["document_title"]?.string ?? ""
        guard !url.isEmpty || !title.isEmpty || view["cited_text"] != nil else { return nil }
        return Citation(url: url, title: title.isEmpty ? url : title)
    }

    /// A result in short: of a search the addresses and titles, of the rest its JSON up to 16 KiB.
    private static func output(_ content: JSONView) -> String {
        var found: [JSONValue] = []
        var elements = content.elements
        while let element = try? elements.next() {  // Malformed: what was read before holds.
            guard let url = element["url"]?.string else { continue }
            found.append(["url": .string(url), "title": .string(element["title"]?.string ?? url)])
        }
        if !found.isEmpty { return JSONValue.array(found).text }
        return String(decoding: content.raw.prefix(16 << 10), as: UTF8.self)
    }
}
