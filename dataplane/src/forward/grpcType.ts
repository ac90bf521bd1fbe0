/** `application/grpc` and its message formats; gRPC-Web is another protocol, over any HTTP. */
const grpc = /^application\/grpc(?:$|[+;])/i

/** Whether a media type is that of gRPC over HTTP/2. */
export const isGrpcType = (type: string): boolean => grpc.test(type)
