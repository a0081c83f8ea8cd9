import NIOCore

/// Finds the server to connect to, anew for every connection.
struct Locator: Sendable {
    let place: RedisConfiguration.Place
    let tls: RedisTLS?
    let timeout: Duration

    func locate(on loop: any EventLoop) async throws(RedisError) -> Endpoint {
        switch place {
        case .server(let address): return .address(address)
        case .unixSocket(let path): return .unixSocket(path)
        case .sentinels(let addresses, let master):
            var problem = RedisError(.unavailable, "No sentinel was named.")
            for address in addresses {
                do throws(RedisError) {
                    return .address(try await ask(address, for: master, on: loop))
                } catch {
                    problem = error
                }
            }
            throw problem
        }
    }

    private func ask(
        _ sentinel: RedisConfiguration.Address, for master: String, on loop: any EventLoop
    ) async throws(RedisError) -> RedisConfiguration.Address {
        let connection = try await Endpoint.address(sentinel).connect(on: loop, tls: tls, timeout: timeout)
        defer { connection.close(RedisError(.closed, "The sentinel has answered.")) }
        let question = RedisCommand("SENTINEL", "get-master-addr-by-name", master)
        let answers = try await connection.answers(to: [question], deadline: .now() + TimeAmount(timeout))
        let answer = try answers.first?.get().elements?.compactMap(\.text) ?? []
        guard answer.count == 2, let port = Int(answer[1]), (1...65535).contains(port), !answer[0].isEmpty else {
            throw RedisError(.unavailable, "The sentinels know no master of that name.")
        }
        return RedisConfiguration.Address(host: answer[0], port: port)
    }
}
