import Testing
import SimpleStreamKit
