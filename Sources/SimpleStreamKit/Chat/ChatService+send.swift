import Crypto
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ChatService {
    /// Takes a request: when it returns, the prompt is stored and cannot be lost, and the answer is on its way.
    ///
    /// - Parameters:
    ///   - mailbox: gets the ack and everything the run says; nil when nobody follows it from here.
    ///   - source: what limits go by besides the user.
    /// - Throws: `invalid_request`, `payload_too_large`, `not_found`, `conversation_busy`, `idempotency_conflict`,
    ///   `rate_limited`, `quota_exceeded`, `draining`, `storage_unavailable`; then nothing was stored. What goes wrong
    ///   later is the run's terminal event.
    @discardableResult
    public func send(
        _ request: ChatRequest, of userID: String, to mailbox: Mailbox? = nil,
        from source: RequestSource = RequestSource()
    ) async throws(ChatError) -> RunTicket {
        let provider = try checked(request)
        try await recover()
        try begin()
        defer { ended(beginning: 1) }
        // Where the user is may change between two tries of one request; what was asked does not.
        let hash = request.fingerprint
        var request = request
        if request.options.webSearch == true, request.options.location == nil {
            request.options.location = try await profile(of: userID).location(seenAt: source.location)
        }
        let credential = try await chosenCredential(for: provider.name, of: userID)
        let model = try await chosenModel(for: request, of: provider, credential)
        let question = try await regeneratedQuestion(of: request, userID: userID)
        var start = makeStart(of: request, hash: hash, answering: question, model: model, userID: userID)
        if request.conversationID == nil { start.newConversationTitle = try await firstTitle(of: request, userID) }
        try limit(&start, request, credential, from: source)
        switch try await store.beginRun(start) {
        case .begun(let conversation, let branch):
            return launch(start, request, credential, conversation, branch, to: mailbox)
        case .duplicate(let run):
            return try await repeated(run, to: mailbox)
        case .conflict:
            throw ChatError(.idempotencyConflict, "This requestId was used for another request.")
        case .busy:
            throw ChatError(.conversationBusy, "An answer is being written here; wait for it or stop it.")
        case .notFound(let what):
            throw ChatError(.notFound, "There is no such \(what).")
        case .tooManyRuns(let count):
            throw ChatError(
                .rateLimited, "You have \(count) answers running; wait for one to end.", retryAfter: .seconds(1))
        case .quotaExceeded(let use):
            throw Self.refusal(use)
        }
    }

    /// What the run counts against, counted where it begins.
    private func limit(
        _ start: inout RunStart, _ request: ChatRequest, _ credential: Result<ChosenCredential?, ChatError>,
        from source: RequestSource
    ) throws(ChatError) {
        start.maxActiveRuns = configuration.maxRunsPerUser
        // One that fails to open asks nobody.
        guard case .success(let chosen?) = credential else { return }
        if chosen.isOperators {
            start.charges = try charges(
                for: request, model: start.answer.model ?? "", of: start.userID, from: source)
        }
        if let stored = chosen.stored {
            start.keyUse = KeyUse(
                userID: start.userID,
                provider: request.provider,
                fingerprint: stored.fingerprint,
                messageID: start.answer.id,
                usedAt: start.answer.createdAt
            )
        }
    }

    func provider(named name: String) -> (any ChatProvider)? { providers.first { $0.name == name } }

    private func checked(_ request: ChatRequest) throws(ChatError) -> any ChatProvider {
        try configuration.sizes.check(request)
        guard let provider = provider(named: request.provider) else {
            throw FieldReader.wrong("provider", "one of " + providers.map(\.name).joined(separator: ", "))
        }
        let isEmpty = request.prompt.allSatisfy(\.isWhitespace)
        guard !isEmpty || !request.attachmentIDs.isEmpty || request.regenerate != nil else {
            throw FieldReader.wrong("prompt", "a text that is not empty")
        }
        if request.conversationID == nil, request.parentMessageID != nil || request.regenerate != nil {
            throw FieldReader.wrong("conversationId", "the id of the conversation the message is in")
        }
        if request.parentMessageID != nil, request.regenerate != nil {
            throw FieldReader.wrong("parentMessageId", "left out when regenerate is given")
        }
        return provider
    }

    private func begin() throws(ChatError) {
        try live.withLock { (live) throws(ChatError) in
            guard !live.isDraining else {
                throw ChatError(.draining, "The server is restarting; try again in a moment.", retryAfter: .seconds(2))
            }
            live.beginning += 1
        }
    }

    /// The model that was asked for, else the provider's default, else the first it lists.
    private func chosenModel(
        for request: ChatRequest, of provider: any ChatProvider, _ credential: Result<ChosenCredential?, ChatError>
    ) async throws(ChatError) -> String {
        if let model = request.model { return catalog.id(named: model, provider: provider.name) }
        if let model = catalog.defaultModel(of: provider.name) { return model }
        if let credential = try credential.get(),
            let first = try await provider.models(for: credential.value).first
        {
            return first.id
        }
        throw FieldReader.wrong("model", "given: \(provider.name) has no default model")
    }

    /// The prompt whose answer is to be given anew; nil when the request brings its own.
    private func regeneratedQuestion(of request: ChatRequest, userID: String) async throws(ChatError) -> String? {
        guard let id = request.regenerate else { return nil }
        guard let answer = try await store.run(id, of: userID)?.message,
            answer.conversationID == request.conversationID, let question = answer.parentID
        else { throw ChatError(.notFound, "There is no such answer to regenerate.") }
        return question
    }

    private func makeStart(
        of request: ChatRequest, hash: String, answering question: String?, model: String, userID: String
    ) -> RunStart {
        let now = Date()
        let conversationID = request.conversationID ?? UUIDv7.make()
        var prompt: Message?
        if question == nil {
            prompt = Message(
                id: UUIDv7.make(),
                conversationID: conversationID,
                parentID: request.parentMessageID,
                role: .user,
                content: request.prompt.replacing("\0", with: "\u{FFFD}"),
                createdAt: now
            )
            prompt?.attachmentIDs = request.attachmentIDs
        }
        let answer = Message(
            id: UUIDv7.make(),
            conversationID: conversationID,
            parentID: prompt?.id ?? question,
            role: .assistant,
            content: "",
            provider: request.provider,
            model: model,
            status: .streaming,
            createdAt: now
        )
        return RunStart(
            userID: userID,
            conversationID: conversationID,
            newConversationTitle: nil,
            prompt: prompt,
            answer: answer,
            continuesActiveBranch: question == nil && request.parentMessageID == nil && !request.startsAtRoot,
            requestID: request.requestID,
            requestHash: hash,
            node: configuration.node,
            leaseEpoch: 1,
            lease: configuration.lease
        )
    }

    private func launch(
        _ start: RunStart, _ request: ChatRequest, _ credential: Result<ChosenCredential?, ChatError>,
        _ conversation: Conversation, _ branch: RunBranch, to mailbox: Mailbox?
    ) -> RunTicket {
        let answer = start.answer
        let identity = RunIdentity(
            conversationID: conversation.id,
            messageID: answer.id,
            userID: start.userID,
            provider: request.provider,
            model: answer.model ?? ""
        )
        let ticket = RunTicket(
            identity,
            userMessageID: branch.messages.last?.id ?? "",
            title: conversation.title,
            requestID: request.requestID,
            createdAt: answer.createdAt
        )
        // What a model is sent begins with a user's message.
        let recent = branch.messages.suffix(configuration.sizes.historyMessages).drop { $0.role == .assistant }
        let run = ActiveRun(
            identity: identity,
            fence: RunFence(messageID: answer.id, node: start.node, leaseEpoch: start.leaseEpoch),
            request: request,
            credential: credential,
            charges: start.charges,
            ticket: ticket,
            branch: Array(recent),
            omittedMessages: branch.omitted + branch.messages.count - recent.count,
            now: ContinuousClock.now
        )
        live.withLock { $0.runs[answer.id] = run }
        mailbox?.subscribe(to: run.channel, of: pubSub)
        if start.newConversationTitle != nil {
            let notice = Notice.conversation(
                "conversation:created", id: conversation.id, userID: start.userID, title: conversation.title)
            pubSub.publish([notice], to: Self.channel(ofUser: start.userID))
        }
        pubSub.publish([RunFrames(identity).ack(ticket)], to: run.channel)
        // Nobody works any more: the next start of the node ends it.
        if case .terminated = enqueue.yield(.answer(run)) { ended(answer.id) }
        return ticket
    }

    /// The same run again: its ack and its stream from the beginning.
    private func repeated(_ run: Run, to mailbox: Mailbox?) async throws(ChatError) -> RunTicket {
        let conversation = try await store.conversation(run.message.conversationID, of: run.userID)
        var ticket = RunTicket(
            RunIdentity(run),
            userMessageID: run.message.parentID ?? "",
            title: conversation?.title ?? "",
            requestID: run.requestID,
            createdAt: run.message.createdAt
        )
        ticket.isRepeated = true
        if let mailbox {
            mailbox.post([RunFrames(RunIdentity(run)).ack(ticket)])
            await follow(mailbox, run.message.conversationID, runID: run.message.id, after: 0)
        }
        return ticket
    }

    /// A conversation's title until a better one is made: the prompt's first words, or the first file's name when there
    /// are none.
    private func firstTitle(of request: ChatRequest, _ userID: String) async throws(ChatError) -> String {
        if let words = Self.firstWords(of: request.prompt) { return words }
        guard let id = request.attachmentIDs.first,
            // One that is not theirs is refused when the run begins.
            let file = try await store.attachments([id], of: userID).first
        else { return "New chat" }
        return Self.firstWords(of: file.name) ?? "New chat"
    }

    /// The first words, at most 60 characters; nil when there are none.
    static func firstWords(of prompt: String) -> String? {
        let line = prompt.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        let words = line.split(whereSeparator: \.isWhitespace)
        var title = ""
        for word in words {
            if title.isEmpty {
                title = String(word.prefix(60))
            } else if title.count + 1 + word.count <= 60 {
                title += " " + word
            } else {
                return title + "…"
            }
        }
        return title.isEmpty ? nil : title
    }
}

extension RunTicket {
    init(_ run: RunIdentity, userMessageID: String, title: String, requestID: String?, createdAt: Date) {
        conversationID = run.conversationID
        self.userMessageID = userMessageID
        messageID = run.messageID
        provider = run.provider
        model = run.model
        self.title = title
        self.requestID = requestID
        self.createdAt = createdAt
        isRepeated = false
    }
}

extension ChatRequest {
    /// Tells requests apart: everything that was asked, hashed.
    fileprivate var fingerprint: String {
        var object: JSONValue = [
            "prompt": .string(prompt), "provider": .string(provider),
            "attachments": .array(attachmentIDs.map(JSONValue.string)),
        ]
        object["conversation"] = conversationID.map(JSONValue.string)
        object["model"] = model.map(JSONValue.string)
        object["system"] = systemPrompt.map(JSONValue.string)
        object["parent"] = parentMessageID.map(JSONValue.string)
        if startsAtRoot { object["root"] = .bool(true) }
        object["regenerate"] = regenerate.map(JSONValue.string)
        object["schema"] = responseSchema.map(JSONValue.string)
        object["effort"] = options.reasoningEffort.map(JSONValue.string)
        object["verbosity"] = options.outputVerbosity.map(JSONValue.string)
        object["temperature"] = options.temperature.map(JSONValue.double)
        object["topP"] = options.topP.map(JSONValue.double)
        object["maxTokens"] = options.maxTokens.map(JSONValue.integer)
        object["webSearch"] = options.webSearch.map(JSONValue.bool)
        if let place = options.location {
            let parts = [place.city, place.region, place.country, place.timeZone]
            object["place"] = .array(parts.map { $0.map(JSONValue.string) ?? .null })
        }
        object["tools"] = .array(tools.flatMap { [.string($0.name), .string($0.description), .string($0.parameters)] })
        var bytes: [UInt8] = []
        object.append(to: &bytes)
        return Array(SHA256.hash(data: bytes)).hex
    }
}
