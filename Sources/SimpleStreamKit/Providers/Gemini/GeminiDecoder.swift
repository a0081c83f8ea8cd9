/// Reads a GenerateContent stream: every event is a whole response with the next pieces in it.
package struct GeminiDecoder: ReplyDecoder {
    let provider: String
    private let failures: GeminiFailures

    private var model = ""
    private var usage: TokenUsage?
    private var turn = GeminiTurn()
    private var sources = GeminiSources()
    /// A call whose arguments come in pieces.
    private var partial: (call: ToolEvent, arguments: PartialArguments, signature: String?)?
    private var callCount = 0
    /// Code the provider runs, until its result is there.
    private var runningCode: ToolEvent?
    private var codeCount = 0
    private var finishReason: String?
    private var blockReason: String?
    /// Whether anything of an answer came.
    private var hasContent = false

    init(provider: String, failures: GeminiFailures) {
        self.provider = provider
        self.failures = failures
    }

    package mutating func decode(_ event: ServerSentEvent, into events: inout [ReplyEvent]) throws(ChatError) {
        guard !event.data.isEmpty, !event.data.elementsEqual("[DONE]".utf8) else { return }
        let view = JSONView(event.data)
        if event.name == "error" {
            throw failures.error(inStream: (try? view.value()) ?? .null)  // Unreadable: an error at least.
        }
        switch view.kind {
        case .object:
            try response(view, into: &events)
        case .array:
            // What comes without alt=sse.
            var elements = view.elements
            while let element = try next(&elements) { try response(element, into: &events) }
        default:
            throw notJSON(event.data)
        }
    }

    package mutating func end(into events: inout [ReplyEvent]) throws(ChatError) {
        finishPartialCall(into: &events)
        finishCode(output: nil, isError: false, into: &events)
        if let blockReason, !hasContent {
            throw ChatError(
                .contentFiltered, "\(failures.providerName) refused the content of the request.",
                detail: "promptFeedback.blockReason \(blockReason.prefix(80))")
        }
        // Blocked when some of the answer was out already.
        guard let finishReason = finishReason ?? blockReason.map({ _ in "SAFETY" }) else {
            throw failures.protocolError("The reply of \(failures.providerName) ended without its end.")
        }
        if let state = turn.state(provider: provider) { events.append(.state(state)) }
        events.append(.finished(Self.reason(finishReason, hasCalls: callCount > 0)))
    }

    private static func reason(_ word: String, hasCalls: Bool) -> FinishReason {
        switch word {
        case "STOP": hasCalls ? .toolCalls : .stop
        case "MAX_TOKENS": .length
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR":
            .contentFilter
        case _ where word.hasPrefix("IMAGE_"): .contentFilter
        default: .other
        }
    }

    private func notJSON(_ data: [UInt8]) -> ChatError {
        failures.protocolError(
            "\(failures.providerName) sent an event that is not one of its language.",
            detail: String(decoding: data.prefix(500), as: UTF8.self))
    }

    private func next(_ elements: inout JSONView.Elements) throws(ChatError) -> JSONView? {
        do {
            return try elements.next()
        } catch {
            throw failures.protocolError(
                "\(failures.providerName) sent an event that is not JSON.", detail: error.description)
        }
    }
}

// MARK: - A response

extension GeminiDecoder {
    private mutating func response(_ view: JSONView, into events: inout [ReplyEvent]) throws(ChatError) {
        var candidate: JSONView?
        var members = view.members
        do {
            while let member = try members.next() {
                switch member.key {
                case "candidates": candidate = member.value[0]
                case "usageMetadata": take(usage: member.value, into: &events)
                case "modelVersion": take(model: member.value.string, into: &events)
                case "promptFeedback":
                    if let reason = member.value["blockReason"]?.string { blockReason = reason }
                case "error":
                    throw failures.error(inStream: (try? view.value()) ?? .null)  // Unreadable: an error at least.
                default: break
                }
            }
        } catch let error as ChatError {
            throw error
        } catch {
            throw failures.protocolError(
                "\(failures.providerName) sent an event that is not JSON.", detail: String(describing: error))
        }
        if let candidate { try take(candidate: candidate, into: &events) }
    }

    private mutating func take(model name: String?, into events: inout [ReplyEvent]) {
        guard let name, !name.isEmpty, name != model else { return }
        model = name
        events.append(.model(name))
    }

    /// Counts come with every event; thoughts are counted apart from the answer.
    private mutating func take(usage view: JSONView, into events: inout [ReplyEvent]) {
        func count(_ key: String) -> Int? { view[key]?.int.map { min(max(0, $0), 1 << 50) } }
        var total = usage ?? TokenUsage()
        let answer = count("candidatesTokenCount")
        let thoughts = count("thoughtsTokenCount")
        let input = count("promptTokenCount")
        let cached = count("cachedContentTokenCount")
        guard answer ?? thoughts ?? input ?? cached != nil else { return }
        let answered = answer ?? (total.outputTokens - total.reasoningTokens)
        total.reasoningTokens = thoughts ?? total.reasoningTokens
        total.outputTokens = answered + total.reasoningTokens
        total.inputTokens = input ?? total.inputTokens
        total.cachedInputTokens = cached ?? total.cachedInputTokens
        guard total != usage else { return }
        usage = total
        events.append(.usage(total))
    }

    private mutating func take(candidate: JSONView, into events: inout [ReplyEvent]) throws(ChatError) {
        if let parts = candidate["content"]?["parts"] {
            var elements = parts.elements
            while let part = try next(&elements) { take(part: part, into: &events) }
        }
        // May come in the middle: only the end of the stream ends the reply.
        if let reason = candidate["finishReason"]?.string, reason != "FINISH_REASON_UNSPECIFIED" {
            finishReason = reason
            hasContent = true
        }
        let citations = sources.take(
            grounding: candidate["groundingMetadata"], citations: candidate["citationMetadata"])
        if !citations.isEmpty { events.append(.citations(citations)) }
    }
}

// MARK: - Parts

extension GeminiDecoder {
    private mutating func take(part: JSONView, into events: inout [ReplyEvent]) {
        hasContent = true
        let signature = part["thoughtSignature"]?.string
        if let text = part["text"] {
            self.text(text.string ?? "", isThought: part["thought"]?.bool == true, signature: signature, into: &events)
        } else if let call = part["functionCall"] {
            self.call(call, signature: signature, into: &events)
        } else if let data = part["inlineData"] {
            inline(data, isThought: part["thought"]?.bool == true, signature: signature, into: &events)
        } else if let code = part["executableCode"] {
            finishCode(output: nil, isError: false, into: &events)
            let input = String(decoding: code.raw, as: UTF8.self)
            let event = codeEvent(.started)
            events.append(.tool(event))
            runningCode = event
            runningCode?.input = input
        } else if let result = part["codeExecutionResult"] {
            let isError = result["outcome"]?.equals("OUTCOME_OK") == false
            finishCode(output: result["output"]?.string ?? "", isError: isError, into: &events)
        } else {
            events.append(.skipped(kind: "part"))
        }
    }

    private mutating func text(
        _ text: String, isThought: Bool, signature: String?, into events: inout [ReplyEvent]
    ) {
        if isThought {
            if !text.isEmpty { events.append(.thinking(text)) }
            return
        }
        turn.addText(bytes: text.utf8.count, signature: signature)
        guard !text.isEmpty else { return events.append(.activity) }
        sources.append(text)
        events.append(.text(text))
    }

    private mutating func inline(
        _ data: JSONView, isThought: Bool, signature: String?, into events: inout [ReplyEvent]
    ) {
        // Drafts that a model thinks with are not its answer.
        guard !isThought, let mime = data["mimeType"]?.string, let text = data["data"]?.string,
            let bytes = Base64.decode(text), !bytes.isEmpty
        else { return events.append(.activity) }
        if mime.hasPrefix("image/") { turn.addImage(signature: signature) }
        events.append(.inlineData(mime: mime, bytes: bytes))
    }

    // MARK: Calls

    private mutating func call(_ call: JSONView, signature: String?, into events: inout [ReplyEvent]) {
        let isUnfinished = call["willContinue"]?.bool == true
        if partial == nil || call["name"] != nil {
            finishPartialCall(into: &events)
            // An empty call ends one that was begun; alone it is none.
            guard let name = call["name"]?.string, !name.isEmpty else { return }
            callCount += 1
            let id = call["id"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? GeminiTurn.madeUpID(callCount)
            let event = ToolEvent(id: id, name: name, phase: .started)
            events.append(.tool(event))
            partial = (event, PartialArguments(), signature)
        }
        if let pieces = call["partialArgs"] {
            var elements = pieces.elements
            while let piece = try? elements.next() { partial?.arguments.add(piece) }  // Malformed: the rest is lost.
        }
        if isUnfinished { return events.append(.activity) }
        finishPartialCall(whole: call["args"], into: &events)
    }

    private mutating func finishPartialCall(whole: JSONView? = nil, into events: inout [ReplyEvent]) {
        guard let (call, arguments, signature) = partial else { return }
        partial = nil
        // Checked rather than passed on, so that what is reported as finished is JSON.
        let given = whole.flatMap { try? $0.value() }
        var event = call
        event.phase = whole == nil || given?.object != nil ? .finished : .failed
        event.input = (given?.object == nil ? arguments.value : given ?? [:]).text
        events.append(.tool(event))
        turn.addCall(ToolCall(id: call.id, name: call.name, arguments: event.input ?? "{}"), signature: signature)
    }

    // MARK: Code

    private mutating func codeEvent(_ phase: ToolEvent.Phase) -> ToolEvent {
        codeCount += 1
        return ToolEvent(id: "code-\(codeCount)", name: "code_execution", phase: phase, isServerSide: true)
    }

    private mutating func finishCode(output: String?, isError: Bool, into events: inout [ReplyEvent]) {
        guard var event = runningCode else { return }
        runningCode = nil
        event.phase = isError ? .failed : .finished
        event.output = output
        events.append(.tool(event))
    }
}
