import Logging
import SimpleStreamComposition
import SimpleStreamKit
import SimpleStreamRedis

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The engine in this process, on the same file a server of this machine uses.
struct EmbeddedClient: Sendable {
    let chat: ChatService
    let settings: EngineSettings
    let userID = LocalUser.id

    /// Runs `body` with an engine built on `context`'s environment, and ends the engine after it.
    static func with<R: Sendable>(
        _ context: CommandContext, _ body: @escaping @Sendable (EmbeddedClient) async throws -> R
    ) async throws -> R {
        let settings = try EngineSettings(Variables(context.environment))
        let redis = settings.makeRedisClient(logger: logger(context))
        let chat: ChatService
        do {
            chat = try await settings.makeChatService(role: .tool, redis: redis, logger: logger(context)) {
                configuration in
                // A title would keep the process waiting; a server makes better ones.
                configuration.makesTitles = false
                // One reader in the same process: a pipe that is not read is waited for.
                configuration.mailbox = Mailbox.Limits(limit: 256 << 20)
            }
        } catch let error as ChatError where error.code == .storageUnavailable {
            throw CommandFailure(
                status: .configuration, code: error.code,
                message: "\(error.message) (\(settings.database.name); DATABASE_URL chooses another database.)")
        }
        let client = EmbeddedClient(chat: chat, settings: settings)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            if let redis { tasks.addTask { await redis.run() } }
            defer { tasks.cancelAll() }
            return try await chat.whileRunning { try await body(client) }
        }
    }

    /// What the engine notes is for those who look for it.
    private static func logger(_ context: CommandContext) -> Logger {
        guard let level = context.variable("LOG_LEVEL").flatMap({ Logger.Level(rawValue: $0.lowercased()) }) else {
            return Logger(label: "ss-cli") { _ in SwiftLogNoOpLogHandler() }
        }
        var logger = Logger(label: "ss-cli") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}

extension EmbeddedClient: RunClient {
    func ask(_ question: Question, _ take: (ServerFrame) async throws -> Void) async throws {
        var request = question.request
        try await checkKey(of: request.provider)
        for file in question.files { request.attachmentIDs.append(try await save(file)) }
        let reader = MailboxReader(of: userID, in: chat)
        let ticket = try await chat.send(request, of: userID, to: reader.mailbox)
        try await pass(reader, of: ticket.messageID, take)
    }

    func follow(_ messageID: String, _ take: (ServerFrame) async throws -> Void) async throws {
        try await ForeignRun(chat: chat, userID: userID, messageID: messageID).follow(take)
    }

    func stop(_ messageID: String) async throws { try await chat.stop(messageID, of: userID) }

    func runs() async throws -> [RunRecord] {
        try await chat.activeRuns(of: userID).map { run in
            RunRecord(json: [
                "messageId": .string(run.message.id), "conversationId": .string(run.message.conversationID),
                "provider": .string(run.message.provider ?? ""), "model": .string(run.message.model ?? ""),
                "seq": .integer(chat.seq(of: run)), "startedAt": run.message.createdAt.json,
            ])
        }
    }

    private func pass(
        _ reader: MailboxReader, of messageID: String, _ take: (ServerFrame) async throws -> Void
    ) async throws {
        while let frames = await reader.next() {
            for frame in frames where frame.belongs(to: messageID) {
                guard let frame = ServerFrame(frame.json) else { continue }
                try await take(frame)
                if frame.isTerminal { return }
            }
        }
        try Task.checkCancellation()
        throw ChatError(.interrupted, "The answer came faster than it was read.")
    }
}

extension EmbeddedClient {
    /// Says what to do before anything is stored of a question nobody could answer.
    private func checkKey(of provider: String) async throws {
        guard let variable = ProviderAccount.keyVariable(of: provider),
            !settings.accounts.contains(where: { $0.provider == provider && $0.key != nil }),
            try await chat.store.key(for: provider, of: userID) == nil
        else { return }
        throw CommandFailure.configuration(
            "There is no key for \(provider). Set \(variable), or save a key with `ss-cli keys set \(provider)`.")
    }

    private func save(_ file: AttachmentFile) async throws -> String {
        try await chat.keepAttachment(
            named: file.name, of: userID, limit: file.bytes.count, bytes: file.chunks, mime: { file.mime }
        ).id
    }
}
