/// Reads chat completion chunks, and whole completions from servers that do not stream.
package struct ChatCompletionsDecoder: ReplyDecoder {
    let provider: String
    let quirks: ChatCompletionsQuirks
    private let failures: FailureDecoder

    private var model = ""
    var usage: TokenUsage?
    var finish: FinishReason?
    private var tools = ToolCallAssembly()
    private var reasoning = ReplayedReasoning()
    private var hasRefusal = false
    private var thinkingSoFar = ""
    private var isFinished = false
    /// Whether anything was said at all.
    var hasChoices = false
    /// What was told: some servers repeat their sources with every chunk.
    private var told: Set<Citation> = []
    /// Whether a last chunk with counts and without choices came.
    private var hasUsageChunk = false

    init(provider: String, quirks: ChatCompletionsQuirks, failures: FailureDecoder) {
        self.provider = provider
        self.quirks = quirks
        self.failures = failures
    }

    package mutating func decode(_ event: ServerSentEvent, into events: inout [ReplyEvent]) throws(ChatError) {
        guard !isFinished, !event.data.isEmpty else { return }
        let view = JSONView(event.data)
        if view.raw.elementsEqual("[DONE]".utf8) {
            // The one word that is not JSON. Servers that leave the reason out mean: done.
            if finish == nil, hasChoices { finish = .stop }
            return try end(into: &events)
        }
        do {
            // Named an error, whatever its shape: Groq and gateways.
            if event.name == "error" { throw failures.error(inStream: view) }
            try chunk(view, into: &events)
        } catch let error as JSONError {
            throw failures.protocolError(
                "\(failures.providerName) sent a chunk that is not JSON.", detail: error.description)
        } catch let error as ChatError {
            throw error
        } catch {
            throw ChatError(.internal, "The reply could not be read.", detail: String(describing: error))
        }
    }

    package mutating func end(into events: inout [ReplyEvent]) throws(ChatError) {
        if isFinished { return }
        if finish == nil, quirks.mayEndWithoutReason, hasUsageChunk, hasChoices { finish = .stop }
        guard let finish else {
            throw failures.protocolError("The reply of \(failures.providerName) ended without its end.")
        }
        conclude(finish, into: &events)
    }

    private mutating func conclude(_ reason: FinishReason, into events: inout [ReplyEvent]) {
        var reason = reason
        tools.finish(isTruncated: reason == .length || reason == .contentFilter, into: &events)
        if reason == .stop {
            if hasRefusal {
                reason = .refusal
            } else if !tools.isEmpty {
                reason = .toolCalls
            }
        }
        if !tools.isEmpty, let state = reasoning.state(of: provider) { events.append(.state(state)) }
        events.append(.finished(reason))
        isFinished = true
    }
}

// MARK: - A chunk

extension ChatCompletionsDecoder {
    private mutating func chunk(_ chunk: JSONView, into events: inout [ReplyEvent]) throws {
        guard chunk.kind == .object else { throw JSONError(.unexpectedByte, at: 0) }
        var failure: JSONView?
        var hasChoice = false
        var members = chunk.members
        while let member = try members.next() {
            if member.isNamed("choices") {
                hasChoice = try choices(member.value, into: &events)
            } else if member.isNamed("model") {
                take(model: member.value, into: &events)
            } else if member.isNamed("usage") {
                take(usage: member.value, hasChoice: hasChoice, into: &events)
            } else if member.isNamed("error") {
                failure = member.value.isNull ? failure : chunk
            } else if member.isNamed("x_groq") {
                if let usage = member.value["usage"] { take(usage: usage, hasChoice: true, into: &events) }
                if let error = member.value["error"], !error.isNull { failure = failure ?? error }
            } else if member.isNamed("citations") {
                tell(OpenAICitations.addresses(member.value), into: &events)
            } else if member.isNamed("object"), member.value.equals("error") {
                failure = chunk
            } else {
                try native(member, of: chunk, into: &events)
            }
        }
        if let failure { throw failures.error(inStream: failure) }
    }

    private mutating func take(model view: JSONView, into events: inout [ReplyEvent]) {
        guard !view.equals(model), let name = view.string, !name.isEmpty else { return }
        model = name
        events.append(.model(name))
    }

    private mutating func take(usage view: JSONView, hasChoice: Bool, into events: inout [ReplyEvent]) {
        guard view.kind == .object,
            let read = OpenAIUsage.read(view, addsReasoning: quirks.usageExcludesReasoning)
        else { return }
        hasUsageChunk = hasUsageChunk || !hasChoice
        guard read != usage else { return }
        usage = read
        events.append(.usage(read))
    }

    /// Reads the first choice; nobody asks for more. Says whether there was one.
    private mutating func choices(_ view: JSONView, into events: inout [ReplyEvent]) throws -> Bool {
        var hasChoice = false
        var elements = view.elements
        while let choice = try elements.next() {
            guard !hasChoice else { continue }
            hasChoice = true
            hasChoices = true
            var members = choice.members
            while let member = try members.next() {
                if member.isNamed("delta") || member.isNamed("message") {
                    try delta(member.value, into: &events)
                } else if member.isNamed("finish_reason"), let reason = member.value.string {
                    try take(reason: reason)
                }
            }
        }
        return hasChoice
    }

    mutating func take(reason: String) throws {
        switch reason {
        case "": break
        case "stop", "eos", "end_turn", "stop_sequence": finish = .stop
        case "length", "max_tokens", "model_length": finish = .length
        case "tool_calls", "function_call", "tool_use": finish = .toolCalls
        case "content_filter", "safety": finish = .contentFilter
        // Google's copy names the filter behind it.
        case _ where reason.hasPrefix("content_filter"): finish = .contentFilter
        case "refusal": finish = .refusal
        case "insufficient_system_resource":
            throw ChatError(.providerOverloaded, FailureMeaning.overloaded.message(for: failures.providerName))
        default: finish = .other
        }
    }
}

// MARK: - A delta

extension ChatCompletionsDecoder {
    mutating func delta(_ delta: JSONView, into events: inout [ReplyEvent]) throws {
        var thinking: JSONView?
        var details: JSONView?
        var members = delta.members
        while let member = try members.next() {
            let value = member.value
            if value.isNull {
                continue
            } else if member.isNamed("content") {
                try content(value, into: &events)
            } else if member.isNamed("reasoning_content") || member.isNamed("reasoning") || member.isNamed("thinking") {
                // Some send both, alike.
                if thinking == nil || thinking?.equals("") == true { thinking = value }
            } else if member.isNamed("reasoning_details") {
                details = value
            } else if member.isNamed("refusal") {
                refusal(value, into: &events)
            } else {
                try rare(member, into: &events)
            }
        }
        if let details { try reasoning.take(details: details) }
        try take(thinking: thinking?.string ?? "", details: details, into: &events)
    }

    /// Text, or a list of parts as Mistral sends.
    private mutating func content(_ value: JSONView, into events: inout [ReplyEvent]) throws {
        if let text = value.string {
            if !text.isEmpty { events.append(.text(text)) }
            return
        }
        var parts = value.elements
        while let part = try parts.next() {
            if let text = part["text"]?.string, !text.isEmpty { events.append(.text(text)) }
            if let image = part["image_url"] { inlineData(image, into: &events) }
            guard part["type"]?.equals("thinking") == true, let inner = part["thinking"] else { continue }
            var pieces = inner.elements
            while let piece = try pieces.next() {
                if let text = piece["text"]?.string, !text.isEmpty { events.append(.thinking(text)) }
            }
        }
    }

    private mutating func refusal(_ value: JSONView, into events: inout [ReplyEvent]) {
        guard let text = value.string, !text.isEmpty else { return }
        hasRefusal = true
        events.append(.text(text))
    }

    private mutating func take(
        thinking text: String,
        details: JSONView?,
        into events: inout [ReplyEvent]
    ) throws {
        var text = text
        if text.isEmpty, let details { text = try ReplayedReasoning.text(of: details) }
        if quirks.repeatsReasoning {
            let isRepeated = !thinkingSoFar.isEmpty && text.hasPrefix(thinkingSoFar)
            let new = isRepeated ? String(text.dropFirst(thinkingSoFar.count)) : text
            thinkingSoFar += new
            text = new
        }
        guard !text.isEmpty else { return }
        if quirks.replaysReasoning { reasoning.text += text }
        events.append(.thinking(text))
    }

    private mutating func rare(_ member: JSONView.Member, into events: inout [ReplyEvent]) throws {
        switch member.key {
        case "tool_calls":
            var calls = member.value.elements
            while let call = try calls.next() { toolCall(call, into: &events) }
        case "function_call":
            tools.add(
                index: 0, id: nil, name: member.value["name"]?.string,
                arguments: member.value["arguments"]?.string, into: &events)
        case "annotations":
            var citations: [Citation] = []
            var elements = member.value.elements
            while let element = try elements.next() {
                if let citation = OpenAICitations.annotation(element) { citations.append(citation) }
            }
            tell(citations, into: &events)
        case "images":
            var images = member.value.elements
            while let image = try images.next() { inlineData(image["image_url"] ?? image, into: &events) }
        default: break
        }
    }

    private mutating func tell(_ citations: [Citation], into events: inout [ReplyEvent]) {
        let new = citations.filter { told.insert($0).inserted }
        if !new.isEmpty { events.append(.citations(new)) }
    }

    mutating func toolCall(_ call: JSONView, into events: inout [ReplyEvent]) {
        let function = call["function"]
        let arguments = function?["arguments"]
        // Some servers send the arguments as an object.
        let text = arguments.flatMap { $0.kind == .object ? String(decoding: $0.raw, as: UTF8.self) : $0.string }
        tools.add(
            index: call["index"]?.int,
            id: call["id"]?.string,
            name: function?["name"]?.string,
            arguments: text,
            into: &events)
    }

    private func inlineData(_ view: JSONView, into events: inout [ReplyEvent]) {
        guard let url = view["url"]?.string ?? view.string, let data = DataURL(url) else { return }
        events.append(.inlineData(mime: data.mime, bytes: data.bytes))
    }
}
