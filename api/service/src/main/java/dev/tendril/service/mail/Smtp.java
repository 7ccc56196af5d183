package dev.tendril.service.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.inject.Singleton;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import java.util.Date;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/// Hands one letter to the mail server, and says what became of it. Certificates are always
/// checked, their names too.
@Singleton
final class Smtp {

    private final SmtpSettings settings;
    private final InstantSource clock;
    private final Session session;

    Smtp(SmtpSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.session = Session.getInstance(properties(settings));
    }

    Outcome send(OutboxStore.Due letter) {
        Transport transport;
        Named message;
        try {
            message = message(letter);
            message.saveChanges();
            transport = session.getTransport();
        } catch (MessagingException e) {
            return new Outcome.Never("unwritable");
        }
        try (transport) {
            try {
                transport.connect(
                        settings.host(), settings.port(), settings.user(), settings.password());
            } catch (MessagingException e) {
                // Nothing of the letter has gone out yet.
                return new Outcome.NotNow("no_connection");
            }
            transport.sendMessage(message, message.getAllRecipients());
            return new Outcome.Accepted();
        } catch (MessagingException e) {
            return outcome(e, message.begun);
        }
    }

    /// The server's own answer, wherever in the chain it stands. Without one nobody knows, once the
    /// text has begun to go out.
    private static Outcome outcome(MessagingException failure, boolean begun) {
        int code = 0;
        for (Exception e = failure; e instanceof MessagingException m; e = m.getNextException()) {
            code =
                    switch (m) {
                        case SMTPAddressFailedException refused -> refused.getReturnCode();
                        case SMTPSenderFailedException refused -> refused.getReturnCode();
                        case SMTPSendFailedException refused -> refused.getReturnCode();
                        default -> code;
                    };
        }
        if (code >= 400 && code < 500) {
            return new Outcome.NotNow("smtp_" + code);
        }
        if (code >= 500) {
            return new Outcome.Never("smtp_" + code);
        }
        return begun ? new Outcome.Unknown() : new Outcome.NotNow("timeout");
    }

    private Named message(OutboxStore.Due letter) throws MessagingException {
        var message = new Named(session, letter.id() + "@" + domain());
        message.setFrom(new InternetAddress(settings.from(), true));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(letter.address(), true));
        message.setSubject(oneLine(letter.content().subject()), UTF_8.name());
        message.setSentDate(Date.from(clock.instant()));
        // So that no out-of-office note answers.
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setHeader("Content-Language", letter.language());
        var text = new MimeBodyPart();
        text.setText(letter.content().text(), UTF_8.name());
        var html = new MimeBodyPart();
        html.setText(letter.content().html(), UTF_8.name(), "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        return message;
    }

    private String domain() {
        return settings.from().substring(settings.from().indexOf('@') + 1);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }

    private static Properties properties(SmtpSettings settings) {
        var properties = new Properties();
        String timeout = Integer.toString(settings.pace().timeoutMs());
        properties.setProperty("mail.transport.protocol", "smtp");
        properties.setProperty("mail.smtp.connectiontimeout", timeout);
        properties.setProperty("mail.smtp.timeout", timeout);
        properties.setProperty("mail.smtp.writetimeout", timeout);
        properties.setProperty("mail.smtp.quitwait", "false");
        properties.setProperty("mail.smtp.sendpartial", "false");
        properties.setProperty("mail.smtp.auth", Boolean.toString(settings.user() != null));
        properties.setProperty("mail.smtp.localhost", "localhost");
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        properties.setProperty("mail.smtp.ssl.protocols", "TLSv1.3 TLSv1.2");
        switch (settings.security()) {
            case STARTTLS -> {
                properties.setProperty("mail.smtp.starttls.enable", "true");
                properties.setProperty("mail.smtp.starttls.required", "true");
            }
            case TLS -> properties.setProperty("mail.smtp.ssl.enable", "true");
            case NONE -> {}
        }
        if (settings.trust() != null) {
            properties.put("mail.smtp.ssl.socketFactory", trusting(settings.trust()));
        }
        return properties;
    }

    private static SSLSocketFactory trusting(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null);
            int number = 0;
            for (var one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("trusted-" + number++, one);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read TENDRIL_SMTP_TRUST_FILE " + file, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "TENDRIL_SMTP_TRUST_FILE " + file + " holds no certificates in PEM", e);
        }
    }

    /// A letter that is tried again keeps its Message-ID.
    private static final class Named extends MimeMessage {
        private final String id;
        private boolean begun;

        Named(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", "<" + id + ">");
        }

        @Override
        public void writeTo(OutputStream out, String[] without)
                throws IOException, MessagingException {
            begun = true;
            super.writeTo(out, without);
        }
    }
}
