// swift-tools-version: 6.2

import PackageDescription

/// The settings every Swift target of this package is built with.
let settings: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
    .strictMemorySafety(),
]

let package = Package(
    name: "simple-stream",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SimpleStreamKit", targets: ["SimpleStreamKit"]),
        .library(name: "SimpleStreamCurl", targets: ["SimpleStreamCurl"]),
        .library(name: "SimpleStreamRedis", targets: ["SimpleStreamRedis"]),
        .library(name: "SimpleStreamSQLite", targets: ["SimpleStreamSQLite"]),
        .library(name: "SimpleStreamPostgres", targets: ["SimpleStreamPostgres"]),
        .library(name: "SimpleStreamServer", targets: ["SimpleStreamServer"]),
        .executable(name: "ss-server", targets: ["ss-server"]),
        .executable(name: "ss-cli", targets: ["ss-cli"]),
    ],
    dependencies: [
        // Command-line parsing of the two executables.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // AES-GCM and SHA for the vault, ids and the WebSocket handshake.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Ring buffers of the run log and the mailboxes.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // Request and response heads, shared with Hummingbird.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Sockets of the server.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        // TLS to Redis and of the server's own sockets.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // The embedded store.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // HTTP routing, static files and server lifecycle.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // The signatures of id tokens.
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        // Signals and graceful shutdown.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: Core

        .target(
            name: "SimpleStreamKit",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // MARK: Adapters

        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .target(
            name: "SimpleStreamCurl",
            dependencies: [
                "CCurl",
                "SimpleStreamKit",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // Without pkg-config: the -D in hiredis.pc makes SwiftPM warn and leave out the rest of its flags.
        .systemLibrary(
            name: "CHiredis",
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        .target(
            name: "SimpleStreamRedis",
            dependencies: [
                "CHiredis",
                "SimpleStreamKit",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SimpleStreamSQLite",
            dependencies: [
                "SimpleStreamKit",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CLibPQ",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]
        ),
        .target(
            name: "SimpleStreamPostgres",
            dependencies: [
                "CLibPQ",
                "SimpleStreamKit",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SimpleStreamServer",
            dependencies: [
                "SimpleStreamKit",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Web")],
            swiftSettings: settings
        ),

        // MARK: Executables

        // What both executables share: settings from the environment, and the engine built from them.
        .target(
            name: "SimpleStreamComposition",
            dependencies: [
                "SimpleStreamCurl",
                "SimpleStreamKit",
                "SimpleStreamPostgres",
                "SimpleStreamRedis",
                "SimpleStreamSQLite",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ss-server",
            dependencies: [
                "SimpleStreamComposition",
                "SimpleStreamCurl",
                "SimpleStreamKit",
                "SimpleStreamPostgres",
                "SimpleStreamRedis",
                "SimpleStreamSQLite",
                "SimpleStreamServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ss-cli",
            dependencies: [
                "SimpleStreamComposition",
                "SimpleStreamCurl",
                "SimpleStreamKit",
                "SimpleStreamRedis",
                "SimpleStreamSQLite",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // MARK: Examples

        .executableTarget(
            name: "embed",
            dependencies: ["SimpleStreamKit"],
            path: "Examples/embed",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "custom-provider",
            dependencies: ["SimpleStreamKit"],
            path: "Examples/custom-provider",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ws-echo",
            dependencies: [
                "SimpleStreamServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/ws-echo",
            swiftSettings: settings
        ),

        // MARK: Tests

        .target(
            name: "TestSupport",
            dependencies: [
                "SimpleStreamKit",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamKitTests",
            dependencies: ["SimpleStreamKit", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamCurlTests",
            dependencies: ["SimpleStreamCurl", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamRedisTests",
            dependencies: [
                "SimpleStreamRedis",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamSQLiteTests",
            dependencies: [
                "SimpleStreamSQLite",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamPostgresTests",
            dependencies: [
                "SimpleStreamPostgres",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamCompositionTests",
            dependencies: [
                "SimpleStreamComposition",
                "SimpleStreamCurl",
                "SimpleStreamRedis",
                "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimpleStreamServerTests",
            dependencies: [
                "SimpleStreamCurl",
                "SimpleStreamServer",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["SimpleStreamKit", "TestSupport", "ss-server", "ss-cli"],
            swiftSettings: settings
        ),
    ]
)
