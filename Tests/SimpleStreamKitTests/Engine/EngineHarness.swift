import Foundation
import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

/// A running service with a scripted provider.
struct EngineHarness: Sendable {
    let chat: ChatService
    let provider: ScriptedProvider
    let store: any Store

    /// Runs `body` against a service; the service is drained and ended afterwards.
    static func run(
        _ configuration: ChatConfiguration = ChatConfiguration(),
        store: any Store = InMemoryStore(),
        pubSub: any PubSub = InProcessPubSub(),
        runLog: any RunLog = InProcessRunLog(),
        journal: Journal? = nil,
        providerName: String = "scripted",
        _ body: @Sendable (EngineHarness) async throws -> Void
    ) async throws {
        let provider = ScriptedProvider(providerName)
        let chat = ChatService(
            configuration: configuration,
            providers: [provider],
            store: store,
            pubSub: pubSub,
            runLog: runLog,
            journal: journal
        )
        let harness = EngineHarness(chat: chat, provider: provider, store: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await chat.run() }
            defer { group.cancelAll() }
            try await body(harness)
        }
    }

    func request(
        _ prompt: String = "Hello", in conversation: String? = nil, requestID: String? = nil, parent: String? = nil,
        regenerate: String? = nil
    ) -> ChatRequest {
        ChatRequest(
            prompt, conversationID: conversation, provider: provider.name, model: "script-1", requestID: requestID,
            parentMessageID: parent, regenerate: regenerate)
    }

    /// The message as the store has it.
    func stored(_ messageID: String, of userID: String = "u") async throws -> Message {
        try #require(try await store.run(messageID, of: userID)).message
    }

    /// Asks, answers with `text`, and returns the receipt.
    @discardableResult
    func exchange(
        _ prompt: String, answer text: String, in conversation: String? = nil
    ) async throws -> RunTicket {
        let events = try await chat.reply(to: request(prompt, in: conversation), of: "u")
        let call = try await provider.nextCall()
        call.say(.text(text))
        call.finish()
        for try await _ in events {}
        return events.ticket
    }
}

/// What a client has after applying frames by the protocol's rules.
struct ClientView {
    private(set) var text = ""
    private(set) var last = 0
    private(set) var terminals: [String] = []
    private(set) var types: [String] = []
    private(set) var problems: [String] = []
    let messageID: String

    init(_ messageID: String) { self.messageID = messageID }

    mutating func apply(_ frames: [Frame]) throws {
        for frame in frames where frame.belongs(to: messageID) {
            let value = try JSONValue(parsing: frame.json)
            let type = try #require(value["type"]?.string)
            types.append(type)
            switch type {
            case "stream:snapshot":
                text = try #require(value["text"]?.string)
                last = try #require(value["seq"]?.int)
            case "ai_chat_response", "ai_chat_error":
                terminals.append(type)
                if let whole = value["chunk"]?.string, whole != text { problems.append("\(whole) is not \(text)") }
            default:
                guard let seq = value["seq"]?.int else { continue }
                let from = value["fromSeq"]?.int ?? seq
                if from != last + 1 { problems.append("\(from) after \(last)") }
                last = seq
                text += value["chunk"]?.string ?? ""
            }
        }
    }

    /// Applies what `reader` gets until `isDone`.
    mutating func follow(_ reader: MailboxReader, until isDone: (ClientView) -> Bool) async throws {
        while !isDone(self) {
            let frames = try #require(await reader.next())
            try apply(frames)
        }
    }

    mutating func followToTheEnd(_ reader: MailboxReader) async throws {
        try await follow(reader) { !$0.terminals.isEmpty }
    }
}

extension ClientView {
    /// A client that has applied everything up to `seq` already, or thinks so.
    init(_ messageID: String, having seq: Int) {
        self.init(messageID)
        last = seq
        self.text = seq == 0 ? "" : (1...seq).map { "<\($0)>" }.joined()
    }
}

/// A wall clock that tests move.
final class SettableClock: Sendable {
    private let offset = Mutex(0.0)

    var now: Date { Date().addingTimeInterval(offset.withLock { $0 }) }
    func advance(by seconds: Double) { offset.withLock { $0 += seconds } }
}
