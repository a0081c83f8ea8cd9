import HTTPTypes
import Hummingbird
import SimpleStreamKit

extension API {
    var runs: [Endpoint] {
        [
            Endpoint(.get, "/api/runs", "The caller's answers that are being written.", answer: .list("Run")) {
                request in
                .list(try await chat.activeRuns(of: request.user.id).map { $0.json(seq: chat.seq(of: $0)) })
            },
            Endpoint(
                .post, "/api/runs/{id}/cancel",
                "Stops an answer; what it said is kept. Stopping an ended one is no error.",
                answer: .none
            ) { request in
                try await chat.stop(try request.path("id"), of: request.user.id)
                return .done
            },
            Endpoint(
                .get, "/api/runs/{id}/events", "Everything an answer says, from a sequence number on, to its end.",
                parameters: [
                    .query("after", ["type": "integer", "minimum": 0], "The last sequence number the caller has."),
                    .header("Last-Event-ID", "The same, as browsers send it; it wins."),
                ],
                answer: .events
            ) { try await events(of: $0) },
        ]
    }

    private func events(of request: APIRequest) async throws -> Response {
        let id = try request.path("id")
        let seq = try resumePoint(of: request)
        guard let run = try await chat.store.run(id, of: request.user.id) else {
            throw ChatError(.notFound, "There is no such run.")
        }
        let place = try place(for: request)
        let reader = MailboxReader(of: request.user.id, in: chat)
        try await chat.subscribe(reader.mailbox, to: run.message.conversationID, messageID: id, after: seq)
        return stream(reader, of: id, to: request, at: place)
    }

    /// A place for an event stream, among the sockets of its user and address.
    func place(for request: APIRequest) throws(ChatError) -> SocketHub.Place {
        let place = hub.reserve(for: request.user, address: request.client.address, limits: configuration.clients)
        guard let place else {
            throw ChatError(
                .rateLimited, "Too many open connections and event streams; close one first.", retryAfter: .seconds(5))
        }
        return place
    }

    /// The events of one run, as a response.
    func stream(
        _ reader: MailboxReader, of messageID: String, to request: APIRequest, at place: SocketHub.Place
    ) -> Response {
        EventStream(
            reader: reader, watch: hub.watch(reader, of: request.user), place: place, channel: request.context.channel,
            messageID: messageID, keepAlive: configuration.keepAlive
        ).response
    }

    private func resumePoint(of request: APIRequest) throws(ChatError) -> Int {
        if let header = request.request.headers[.lastEventID], !header.isEmpty {
            guard let seq = Int(header), 0...Int(UInt32.max) ~= seq else {
                throw FieldReader.wrong("Last-Event-ID", "a sequence number")
            }
            return seq
        }
        return try request.int("after", in: 0...Int(UInt32.max)) ?? 0
    }
}
