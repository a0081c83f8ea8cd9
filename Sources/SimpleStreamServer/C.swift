import SimpleStreamKit
import Hummingbird
import NIOHTTP1
