import SimpleStreamKit
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One conversation that goes through every provider: what each is sent of what the others said.
@Suite struct ProviderSwapTests {
    private static func stream(_ lines: [String]) -> CannedTransport.Answer {
        let body = lines.map { "data: \($0)\n\n" }.joined()
        return .init(status: 200, headers: ["content-type": "text/event-stream"], body: Array(body.utf8))
    }

    /// A small answer in each language, by path.
    private static let answers: [String: CannedTransport.Answer] = [
        "/v1/chat/completions": stream([
            #"{"choices":[{"index":0,"delta":{"content":"Answer."},"finish_reason":"stop"}]}"#, "[DONE]",
        ]),
        "/v1/responses": stream([
            #"{"type":"response.created","response":{"model":"m"}}"#,
            #"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"i"}}"#,
            #"{"type":"response.output_text.delta","output_index":0,"item_id":"i","content_index":0,"delta":"Answer."}"#,
            #"{"type":"response.completed","response":{"model":"m","status":"completed","output":[{"type":"message","id":"i","#
                + #""role":"assistant","content":[{"type":"output_text","text":"Answer."}]}]}}"#,
        ]),
        "/v1/messages": stream([
            #"{"type":"message_start","message":{"model":"m"}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Private."}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"secret-signature"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Answer."}}"#,
            #"{"type":"content_block_stop","index":1}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#, #"{"type":"message_stop"}"#,
        ]),
        "/v1beta/models/": stream([
            #"{"candidates":[{"content":{"parts":[{"text":"Answer.","thoughtSignature":"secret-signature"}]},"finishReason":"STOP"}]}"#
        ]),
    ]

    /// Asks one provider with the whole branch, and returns its answer as a message and what it was sent.
    private func turn(
        _ description: ProviderDescription, _ branch: [Message], number: Int
    ) async throws -> (answer: Message, sent: String) {
        let model = ModelCatalog.standard.defaultModel(of: description.name) ?? "local-model"
        let (prompt, _) = History.prompt(
            from: branch, model: model, provider: description.name, system: "Be brief.")
        let transport = CannedTransport(Self.answers)
        let key = Secret(try #require(KeyValidatorTests.keys[description.name]))
        var answer = Message(
            id: "a\(number)", conversationID: "c", parentID: branch.last?.id, role: .assistant, content: "",
            provider: description.name, model: model, createdAt: Date(timeIntervalSince1970: 0))
        try await HTTPChatProvider(description, transport: transport).withReply(
            to: prompt, using: Credential(key: key)
        ) { reply in
            for try await event in reply {
                switch event {
                case .text(let text): answer.content += text
                case .state(let state): answer.providerState = state
                default: break
                }
            }
        }
        let sent = try #require(transport.sent.first)
        return (answer, String(decoding: sent.content, as: UTF8.self))
    }

    @Test func everyProviderReadsWhatTheOthersSaid() async throws {
        var branch: [Message] = []
        var labels: [String] = []
        // Twice around, so that each also meets an answer of its own again.
        for (number, description) in (ProviderListing.builtIn + ProviderListing.builtIn).enumerated() {
            branch.append(
                Message(
                    id: "q\(number)", conversationID: "c", parentID: branch.last?.id, role: .user,
                    content: "Question \(number)?", createdAt: Date(timeIntervalSince1970: 0)))
            let (answer, sent) = try await turn(description, branch, number: number)
            branch.append(answer)
            #expect(answer.content == "Answer.", "\(description.name)")

            let own = "[\(description.name)/\(answer.model ?? "")]"
            for asked in 0...number { #expect(sent.contains("Question \(asked)?")) }
            #expect(sent.contains("Be brief."))
            for label in Set(labels) {
                // Slashes may be escaped in JSON.
                let isThere = sent.replacing("\\/", with: "/").contains(label)
                #expect(isThere == (label != own), "\(label) sent to \(description.name)")
            }
            #expect(sent.contains("[provider/model]") == !Set(labels).subtracting([own]).isEmpty)
            // Signatures go to nobody but who made them.
            #expect(sent.contains("secret-signature") == (answer.hasSignature && labels.contains(own)))
            labels.append(own)
        }
    }
}

extension Message {
    fileprivate var hasSignature: Bool { providerState?.json.contains("secret-signature") == true }
}
