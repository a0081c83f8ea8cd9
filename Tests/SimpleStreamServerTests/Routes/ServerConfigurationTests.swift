import SimpleStreamKit
import SimpleStreamServer
import Testing

@Suite struct ServerConfigurationTests {
    @Test(arguments: ["127.0.0.1", "::1", "localhost"])
    func loopbackIsFine(host: String) throws {
        let configuration = try ServerConfiguration(host: host, port: 80)
        #expect(configuration.url(port: 80).hasSuffix(":80"))
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.5", "example.com", "", "127.0.0.1.example.com", "a b"])
    func otherAddressesAreRefused(host: String) {
        #expect { try ServerConfiguration(host: host) } throws: {
            ($0 as? ServerConfiguration.Problem)?.property == "host"
        }
    }

    @Test func badValuesAreNamed() {
        #expect { try ServerConfiguration(port: 70_000) } throws: {
            ($0 as? ServerConfiguration.Problem)?.property == "port"
        }
        #expect { try ServerConfiguration(publicURL: "chat.example") } throws: {
            ($0 as? ServerConfiguration.Problem)?.property == "publicURL"
        }
        #expect { try ServerConfiguration(allowedOrigins: ["*"]) } throws: {
            ($0 as? ServerConfiguration.Problem)?.property == "allowedOrigins"
        }
    }

    private static let gitHub = AccountConfiguration.GitHub(clientID: "c", clientSecret: Secret("s"))

    /// With accounts the server may listen anywhere, if users find it and can sign in.
    @Test func accountsOpenOtherAddresses() throws {
        let access = ServerConfiguration.Access.accounts(AccountConfiguration(gitHub: Self.gitHub))
        let configuration = try ServerConfiguration(
            host: "0.0.0.0", access: access, publicURL: "https://chat.example.com/")
        #expect(configuration.host == "0.0.0.0")
        let guests = ServerConfiguration.Access.accounts(AccountConfiguration())
        _ = try ServerConfiguration(access: guests)
    }

    @Test func nobodyCouldComeIn() throws {
        let closed = ServerConfiguration.Access.accounts(AccountConfiguration(allowsGuests: false))
        var problem = #expect(throws: ServerConfiguration.Problem.self) { try ServerConfiguration(access: closed) }
        #expect(problem?.property == "access")
        let gitHub = ServerConfiguration.Access.accounts(AccountConfiguration(gitHub: Self.gitHub))
        problem = #expect(throws: ServerConfiguration.Problem.self) { try ServerConfiguration(access: gitHub) }
        #expect(problem?.property == "publicURL")
        let guests = ServerConfiguration.Access.accounts(AccountConfiguration())
        problem = #expect(throws: ServerConfiguration.Problem.self) {
            try ServerConfiguration(host: "0.0.0.0", access: guests)
        }
        #expect(problem?.property == "publicURL")
    }
}
