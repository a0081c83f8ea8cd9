import NIOCore

extension HTTPConnectionHandler {
    /// Succeeds once the peer has ended its side of the connection, or is gone.
    func peerEnd(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        if let peerEnded { return peerEnded.futureResult }
        let promise = eventLoop.makePromise(of: Void.self)
        peerEnded = promise
        if hasPeerEnded { promise.succeed() }
        return promise.futureResult
    }

    func peerHasEnded() {
        hasPeerEnded = true
        peerEnded?.succeed()
    }
}

extension Channel {
    /// Calls back, on the event loop, when the peer of an HTTP connection of ours has ended its side.
    ///
    /// That may mean that it hung up, or that it only has nothing more to say.
    func onPeerEnd(_ body: @escaping @Sendable () -> Void) {
        eventLoop.execute {
            // Without its handler the connection is over already.
            guard let handler = try? self.pipeline.syncOperations.handler(type: HTTPConnectionHandler.self) else {
                return body()
            }
            handler.peerEnd(on: self.eventLoop).whenComplete { _ in body() }
        }
    }
}
