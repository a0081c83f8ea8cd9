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
}
