import Hummingbird
import SimpleStreamKit

extension API {
    var profile: [Endpoint] {
        [
            Endpoint(
                .get, "/api/profile", "The caller's profile, and as `seen` where a proxy of the server places them.",
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
        var value = profile.json
        if let place = request.client.location {
            var seen: JSONValue = [:]
            seen["city"] = place.city.map(JSONValue.string)
            seen["region"] = place.region.map(JSONValue.string)
            seen["country"] = place.country.map(JSONValue.string)
            seen["timeZone"] = place.timeZone.map(JSONValue.string)
            value["seen"] = seen
        }
        return value
    }
}
