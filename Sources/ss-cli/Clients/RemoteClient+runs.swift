import HTTPTypes
import SimpleStreamKit

extension RemoteClient: RunClient {
    func ask(_ question: Question, _ take: (ServerFrame) async throws -> Void) async throws {
        var request = question.request
        for file in question.files { request.attachmentIDs.append(try await upload(file)) }
        // The same id makes asking again after a drop safe.
        request.requestID = request.requestID ?? UUIDv7.make()
        let body = request.json.encoded
        var run = RemoteRun(client: self, ask: body, messageID: nil)
        try await run.follow(take)
    }

    func follow(_ messageID: String, _ take: (ServerFrame) async throws -> Void) async throws {
        var run = RemoteRun(client: self, ask: nil, messageID: messageID)
        try await run.follow(take)
    }

    func stop(_ messageID: String) async throws {
        try await json(request(.post, "/api/runs/\(messageID.queryEscaped)/cancel"), [:])
    }

    func runs() async throws -> [RunRecord] { try await items("/api/runs").map(RunRecord.init) }

    private func upload(_ file: AttachmentFile) async throws -> String {
        var request = request(.post, "/api/attachments?name=\(file.name.queryEscaped)")
        request.headerFields[.contentType] = file.mime
        guard let id = try await send(request, file.bytes)["id"]?.string else {
            throw ChatError(.providerProtocol, "The server did not say where it put \(file.name).")
        }
        return id
    }
}

/// A run of a server, followed over as many connections as it takes.
struct RemoteRun {
    /// How long after the last frame, or the start, no server is waited for any longer.
    private static let patience = Duration.seconds(60)

    private let client: RemoteClient
    /// The request's body; nil when the run exists already.
    private let ask: [UInt8]?
    /// Known from the first frame on.
    private var messageID: String?
    private var cursor = RunCursor()
    private var hasEnded = false
    private var isFollowed: Bool
    private var lastFrame = ContinuousClock.now

    init(client: RemoteClient, ask: [UInt8]?, messageID: String?) {
        self.client = client
        self.ask = ask
        self.messageID = messageID
        isFollowed = false
    }

    /// Hands over each frame once and in order, through dropped connections, to the terminal one.
    mutating func follow(_ take: (ServerFrame) async throws -> Void) async throws {
        var attempt = 0
        while true {
            let before = lastFrame
            var failure: ChatError?
            do {
                try await readOnce(take)
                if hasEnded { return }
            } catch let error as ChatError {
                guard isPassing(error) else { throw error }
                failure = error
            }
            attempt = lastFrame > before ? 1 : attempt + 1
            // A server that was never reached is down, not restarting.
            guard isFollowed, lastFrame + Self.patience > .now else {
                throw failure
                    ?? ChatError(.interrupted, "The connection to the server ended before the answer did.")
            }
            // 0, 0.25, 0.5, 1, 2, 2, …
            let delay = failure?.retryAfter ?? .milliseconds(attempt <= 1 ? 0 : min(250 << (attempt - 2), 2000))
            try await Task.sleep(for: delay)
        }
    }

    /// Whether asking again may help.
    private func isPassing(_ error: ChatError) -> Bool {
        switch error.code {
        case .providerUnavailable, .providerStalled, .providerProtocol, .draining, .storageUnavailable: true
        default: false
        }
    }

    private mutating func readOnce(_ take: (ServerFrame) async throws -> Void) async throws {
        var parser = EventStreamParser(limits: .init(line: 32 << 20, event: 32 << 20), dispatchesUnfinishedEvent: false)
        let (request, content) = nextRequest()
        var options = client.options
        // The server gives a sign of life more often than that.
        options.idleTimeout = .seconds(90)
        var state = self
        defer { self = state }
        try await client.transport.withResponse(to: request, content: content, options: options) { response, body in
            guard response.status.kind == .successful else { throw await state.client.failure(response, body) }
            state.isFollowed = true
            for try await chunk in body {
                parser.append(chunk)
                while let item = try parser.next() {
                    guard case .event(let event) = item, let frame = ServerFrame(event.data) else { continue }
                    guard try await state.arrived(frame, take) else { return }
                }
            }
        }
    }

    /// False when the connection is of no more use.
    private mutating func arrived(
        _ frame: ServerFrame, _ take: (ServerFrame) async throws -> Void
    ) async throws -> Bool {
        if frame.type == "error" { throw ChatError(event: frame.fields) }
        if let id = frame.messageID {
            // The stream is one run's; anything else on it is not ours.
            if messageID == nil { messageID = id }
            guard id == messageID else { return true }
        }
        switch cursor.arrived(frame) {
        case .ignore: return true
        case .resume: return false
        case .take: break
        }
        lastFrame = .now
        try await take(frame)
        hasEnded = frame.isTerminal
        return !hasEnded
    }

    private func nextRequest() -> (HTTPRequest, [UInt8]) {
        let stream = "text/event-stream"
        guard let messageID else { return (client.request(.post, "/api/chat", accept: stream), ask ?? []) }
        var request = client.request(.get, "/api/runs/\(messageID.queryEscaped)/events", accept: stream)
        if cursor.last > 0, let name = HTTPField.Name("Last-Event-ID") {
            request.headerFields[name] = String(cursor.last)
        }
        return (request, [])
    }
}

extension ChatRequest {
    /// As `POST /api/chat` takes it.
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "conversationId": .string(conversationID ?? "new-chat"), "prompt": .string(prompt),
            "provider": .string(provider),
        ]
        json["requestId"] = requestID.map(JSONValue.string)
        json["model"] = model.map(JSONValue.string)
        json["systemPrompt"] = systemPrompt.map(JSONValue.string)
        json["reasoningEffort"] = options.reasoningEffort.map(JSONValue.string)
        json["outputVerbosity"] = options.outputVerbosity.map(JSONValue.string)
        json["temperature"] = options.temperature.map(JSONValue.double)
        json["topP"] = options.topP.map(JSONValue.double)
        json["maxTokens"] = options.maxTokens.map(JSONValue.integer)
        json["webSearch"] = options.webSearch.map(JSONValue.bool)
        if let place = options.location {
            var location: JSONValue = [:]
            location["city"] = place.city.map(JSONValue.string)
            location["region"] = place.region.map(JSONValue.string)
            location["country"] = place.country.map(JSONValue.string)
            location["timeZone"] = place.timeZone.map(JSONValue.string)
            json["location"] = location
        }
        // Not an object: the check of the answer will say so.
        json["responseSchema"] = responseSchema.flatMap { try? JSONValue(parsing: $0) }
        if !attachmentIDs.isEmpty { json["attachments"] = .array(attachmentIDs.map(JSONValue.string)) }
        return json
    }
}
