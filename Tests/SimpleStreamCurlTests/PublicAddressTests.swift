import HTTPTypes
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// `requiresPublicAddress` judges the address that is connected, not the name.
@Suite(.timeLimit(.minutes(2)))
struct PublicAddressTests {
    @Test(arguments: EventLoop.Mechanism.allCases, ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
    func loopbackIsNotConnected(mechanism: EventLoop.Mechanism, host: String) async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let request = HTTPRequest(
                method: .get, scheme: "http", authority: "\(host):\(upstream.port)", path: "/"
            )
            let options = TransportOptions.plain { $0.requiresPublicAddress = true }
            await #expect {
                try await transport.withResponse(to: request, content: [], options: options) { _, _ in }
            } throws: { error in
                let error = error as? ChatError
                return error?.code == .invalidRequest && error?.message.contains("public") == true
            }
            #expect(upstream.connectionsOpened.count == 0)
        }
    }

    @Test
    func exemptNetworksAreConnected() async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test()
            let options = TransportOptions.plain {
                $0.requiresPublicAddress = true
                $0.exemptNetworks = [IPPrefix("127.0.0.0/8")].compactMap(\.self)
            }
            let request = HTTPRequest(
                method: .get, scheme: "http", authority: "127.0.0.1:\(upstream.port)", path: "/")
            let status = try await transport.withResponse(to: request, content: [], options: options) { head, _ in
                head.status.code
            }
            #expect(status == 200)
        }
    }

    @Test
    func anOpenConnectionIsJudgedToo() async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test()
            _ = try await transport.text(from: upstream)
            // The idle connection of the first request would fit, but for the rule.
            let options = TransportOptions.plain { $0.requiresPublicAddress = true }
            let error = await transport.failure(from: upstream, options: options)
            #expect(error?.code == .invalidRequest)
            #expect(upstream.requests.count == 1)
        }
    }
}
