import Hummingbird
import SimpleStreamKit

extension API {
    var profile: [Endpoint] {
        [
            Endpoint(
                .get, "/api/profile", "The caller's profile, and as `seen` what a proxy of the server knows of them.",
                answer: .json("Profile")
            ) { request in
                .json(shown(try await chat.profile(of: request.user.id), to: request))
            },
            Endpoint(
                .patch, "/api/profile", "Changes fields of the caller's profile; null removes one.",
                body: .json("Profile"), answer: .json("Profile")
            ) { request in
                let changes = try await request.body()
                var profile = try await chat.profile(of: request.user.id)
                try profile.apply(changes)
                try await chat.store.saveDocument(Profile.document, profile.json.text, of: request.user.id)
                return .json(shown(profile, to: request))
            },
        ]
    }

    private func shown(_ profile: Profile, to request: APIRequest) -> JSONValue {
        let place = request.client.location
        let seen = Profile(
            city: place?.city, region: place?.region, country: place?.country, timeZone: place?.timeZone,
            userAgent: request.client.userAgent)
        var value = profile.json
        if seen != Profile() {
            value["seen"] = seen.json
            // That is the user's to say.
            value["seen"]?["shareLocation"] = nil
        }
        return value
    }
}
