import Hummingbird
import SimpleStreamKit

extension API {
    var chatEndpoints: [Endpoint] {
        [
            Endpoint(
                .post, "/api/chat", "Asks and streams the answer. Hanging up does not stop it.",
                body: .json("ChatRequest"), answer: .events
            ) { request in
                let chatRequest = try ChatRequest(try await request.body())
                let place = try place(for: request)
                try await limiter.asked(by: request.user.id)
                let reader = MailboxReader(of: request.user.id, in: chat)
                let ticket = try await chat.send(
                    chatRequest, of: request.user.id, to: reader.mailbox, from: request.source)
                return stream(reader, of: ticket.messageID, to: request, at: place)
            }
        ]
    }
}
