import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Signs an approved document with one's own key: asks the hub what to sign, signs with openssl, hands the signature in.
 *
 * <pre>java DeviceClient.java https://hub.example APPROVAL-ID SEAL-ID cert.pem key.pem</pre>
 *
 * The token is read from the environment variable HUB_TOKEN. The key stays where it is: only openssl reads it; with a device behind an
 * engine or a provider, only {@link #signed} changes. Needs Java 17 and the openssl command (3.0 or newer for SM2), nothing else. A hub
 * whose TLS certificate is issued privately: -Djavax.net.ssl.trustStore.
 */
public final class DeviceClient {
    private static final String PREPARE =
            "mutation PrepareDeviceSignature($id: ID!, $sealId: ID!, $certificate: String!) {"
                    + " prepareDeviceSignature(approvalId: $id, sealId: $sealId, certificate: $certificate) { __typename"
                    + " ... on SignatureRequest { id algorithm bytesToSign expiresAt } ... on Problem { code message } } }";
    private static final String COMPLETE =
            "mutation CompleteDeviceSignature($requestId: ID!, $signature: String!) {"
                    + " completeDeviceSignature(requestId: $requestId, signature: $signature) { __typename"
                    + " ... on Approval { id stage files { format url } } ... on Problem { code message } } }";
    /** GB/T 35276: the default user id of SM2; openssl must be told. */
    private static final String SM2_USER_ID = "distid:1234567812345678";

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI graphql;
    private final String token;

    private DeviceClient(String url, String token) {
        this.graphql = URI.create(url.replaceAll("/$", "") + "/graphql");
        this.token = token;
    }

    public static void main(String[] given) throws Exception {
        String token = System.getenv("HUB_TOKEN");
        if (given.length != 5 || token == null) {
            System.err.println("HUB_TOKEN=… java DeviceClient.java URL APPROVAL-ID SEAL-ID cert.pem key.pem");
            System.exit(2);
        }
        DeviceClient client = new DeviceClient(given[0], token);
        System.out.println(client.signOnDevice(given[1], given[2], Path.of(given[3]), Path.of(given[4])));
    }

    /** Returns the hub's answer, JSON; safe to repeat: a request that waits is answered again. */
    String signOnDevice(String approval, String seal, Path certificate, Path key) throws IOException, InterruptedException {
        byte[] der = openssl(List.of("x509", "-in", certificate.toString(), "-outform", "DER"));
        String request = ask(PREPARE, "id", approval, "sealId", seal, "certificate", base64(der));
        byte[] message = Base64.getDecoder().decode(field(request, "bytesToSign"));
        byte[] signature = signed(message, field(request, "algorithm"), key);
        return ask(COMPLETE, "requestId", field(request, "id"), "signature", base64(signature));
    }

    /** Returns the signature over the bytes before hashing: SM2 over SM3 with ZA, P-256 (DER) and RSA (PKCS#1) over SHA-256. */
    static byte[] signed(byte[] message, String algorithm, Path key) throws IOException, InterruptedException {
        Path content = Files.createTempFile("message", ".bin");
        try {
            Files.write(content, message);
            List<String> how = new ArrayList<>();
            if (algorithm.equals("SM2")) {
                Collections.addAll(how, "pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", SM2_USER_ID);
                Collections.addAll(how, "-inkey", key.toString(), "-in", content.toString());
            } else {
                Collections.addAll(how, "dgst", "-sha256", "-sign", key.toString(), content.toString());
            }
            return openssl(how);
        } finally {
            Files.delete(content);
        }
    }

    private String ask(String document, String... variables) throws IOException, InterruptedException {
        StringBuilder told = new StringBuilder();
        for (int i = 0; i < variables.length; i += 2) {
            told.append(i == 0 ? "" : ",").append(quoted(variables[i])).append(":").append(quoted(variables[i + 1]));
        }
        String body = "{\"query\":" + quoted(document) + ",\"variables\":{" + told + "}}";
        HttpRequest request = HttpRequest.newBuilder(graphql)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        if (answer.contains("\"code\"") || answer.contains("\"errors\"")) {
            throw new IOException(answer);
        }
        return answer;
    }

    /** Returns a string of the answer by its name; what is asked for here holds no escapes. */
    private static String field(String json, String name) throws IOException {
        Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"\\\\]*)\"").matcher(json);
        if (!found.find()) {
            throw new IOException(json);
        }
        return found.group(1);
    }

    private static byte[] openssl(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        Process running = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        byte[] told = running.getInputStream().readAllBytes();
        if (running.waitFor() != 0) {
            throw new IOException(String.join(" ", command));
        }
        return told;
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String base64(byte[] content) {
        return Base64.getEncoder().encodeToString(content);
    }
}
