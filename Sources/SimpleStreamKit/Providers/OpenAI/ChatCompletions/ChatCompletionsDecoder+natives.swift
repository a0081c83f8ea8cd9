// Two more shapes of chunks, which servers and proxies in front of them pass on where chat completions were asked for:
// Ollama's own, whose counts and end stand in the chunk itself, and that of Meta's retired Llama API.

extension ChatCompletionsDecoder {
    /// A member of a chunk that chat completions do not have.
    mutating func native(_ member: JSONView.Member, of chunk: JSONView, into events: inout [ReplyEvent]) throws {
        if member.isNamed("message"), member.value.kind == .object {
            hasChoices = true
            try delta(member.value, into: &events)
        } else if member.isNamed("done"), member.value.bool == true {
            try take(reason: chunk["done_reason"]?.string ?? "stop")
            tell(input: chunk["prompt_eval_count"]?.int, output: chunk["eval_count"]?.int, into: &events)
        } else if member.isNamed("event"), member.value.kind == .object {
            try llama(member.value, into: &events)
        }
    }

    private mutating func llama(_ event: JSONView, into events: inout [ReplyEvent]) throws {
        hasChoices = true
        if let delta = event["delta"] {
            if delta["type"]?.equals("tool_call") == true {
                toolCall(delta, into: &events)
            } else if let text = delta["text"]?.string, !text.isEmpty {
                events.append(.text(text))
            }
        }
        if let reason = event["stop_reason"]?.string { try take(reason: reason) }
        guard let metrics = event["metrics"] else { return }
        var counts: [String: Int] = [:]
        var elements = metrics.elements
        while let element = try elements.next() {
            guard counts.count < 16, let name = element["metric"]?.string else { continue }
            counts[name] = element["value"]?.int
        }
        tell(input: counts["num_prompt_tokens"], output: counts["num_completion_tokens"], into: &events)
    }

    private mutating func tell(input: Int?, output: Int?, into events: inout [ReplyEvent]) {
        guard input ?? output != nil else { return }
        func count(_ value: Int?) -> Int { min(max(value ?? 0, 0), 1 << 50) }
        let total = TokenUsage(inputTokens: count(input), outputTokens: count(output))
        usage = total
        events.append(.usage(total))
    }
}
