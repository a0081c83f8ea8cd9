import Hummingbird
import SimpleStreamKit

extension API {
    var models: [Endpoint] {
        [
            Endpoint(.get, "/api/models", "The models, and which the caller can use now.", answer: .list("Model")) {
                request in
                .list(try await chat.models(of: request.user.id).map(\.json))
            }
        ]
    }
}
