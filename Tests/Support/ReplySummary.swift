package import SimpleStreamKit

/// A whole reply, added up.
package struct ReplySummary: Sendable, Hashable {
    package var models: [String] = []
    package var text = ""
    package var thinking = ""
    /// Calls for us, those that were cut off too.
    package var tools: [ToolCall] = []
    package var cutTools: [String] = []
    package var serverTools: [ToolEvent] = []
    package var citations: [Citation] = []
    package var images: [String] = []
    package var usage: TokenUsage?
    package var state: ProviderState?
    package var finish: FinishReason?
    package var activities = 0
    /// The kinds nobody knows.
    package var skipped: [String] = []
    /// Set when the reply failed.
    package var errorCode: ChatError.Code?
    /// What broke the rules every reply keeps.
    package var violations: [String] = []
    private var started: Set<String> = []

    package init() {}

    /// Adds up `events`.
    package init(_ events: [ReplyEvent]) {
        for event in events { add(event) }
    }

    package mutating func add(_ event: ReplyEvent) {
        if finish != nil { violations.append("\(event) after the end") }
        switch event {
        case .model(let name): models.append(name)
        case .text(let text):
            if text.isEmpty { violations.append("empty text") }
            self.text += text
        case .thinking(let text):
            if text.isEmpty { violations.append("empty thinking") }
            thinking += text
        case .tool(let tool): add(tool)
        case .citations(let citations): self.citations += citations
        case .inlineData(let mime, _): images.append(mime)
        case .usage(let usage): self.usage = usage
        case .state(let state): self.state = state
        case .activity: activities += 1
        case .skipped(let kind): skipped.append(kind)
        case .finished(let reason): finish = reason
        }
    }

    /// Adds the reply that came next.
    package mutating func append(_ next: ReplySummary) {
        models += next.models
        text += next.text
        thinking += next.thinking
        tools += next.tools
        cutTools += next.cutTools
        serverTools += next.serverTools
        citations += next.citations
        images += next.images
        usage = next.usage ?? usage
        state = next.state ?? state
        finish = next.finish
        activities += next.activities
        skipped += next.skipped
        errorCode = next.errorCode
        violations += next.violations
    }

    private mutating func add(_ tool: ToolEvent) {
        switch tool.phase {
        case .started:
            if !started.insert(tool.id).inserted { violations.append("\(tool.id) started twice") }
        case .delta:
            if !started.contains(tool.id) { violations.append("\(tool.id) was not started") }
        case .finished, .failed:
            if !started.contains(tool.id) { violations.append("\(tool.id) was not started") }
            if tool.isServerSide { return serverTools.append(tool) }
            tools.append(ToolCall(id: tool.id, name: tool.name, arguments: tool.input ?? ""))
            if tool.phase == .failed { cutTools.append(tool.id) }
        }
    }
}

extension ReplyDecoder {
    /// Decodes a whole stream.
    package mutating func summary(of items: [EventStreamParser.Item]) -> ReplySummary {
        var summary = ReplySummary()
        var events: [ReplyEvent] = []
        do {
            for case .event(let event) in items { try decode(event, into: &events) }
            try end(into: &events)
        } catch {
            summary.errorCode = error.code
        }
        for event in events { summary.add(event) }
        if summary.errorCode != nil, summary.finish != nil { summary.violations.append("an end and an error") }
        if summary.errorCode == nil, summary.finish == nil { summary.violations.append("neither end nor error") }
        return summary
    }
}
