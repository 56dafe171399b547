<?xml version="1.0" encoding="UTF-8"?>
<!-- From the answers of the form (message/source.c says in which shape they come) to the neutral message of
     schemas/message/einbuergerung.xsd. Not an official standard; an authority that has one names its own
     stylesheet and schema in the configuration.

     Three rules carry most of it. A field becomes an element of its kind: code, partial date or plain value. A group
     about a person becomes an element with name, birth, title … first, and the other fields in the order of the form.
     The lists of the form move into the section to which they belong. What a child has in common with the applicant
     or their partner was asked once and is written out. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:nachricht="urn:mod-einbuergerung:nachricht:1">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:variable name="verzeichnisdienst-version" select="'3'"/>
  <xsl:variable name="erreichbarkeit-version" select="'3'"/>
  <xsl:variable name="bezugsperson-version" select="'1'"/>
  <xsl:variable name="pruefergebnis-version" select="'1'"/>

  <xsl:template match="/vorgang">
    <nachricht:antrag.einbuergerung.0100 produkt="mod_einbuergerung" produkthersteller="mod_einbuergerung"
                                         produktversion="{kopf/produktversion}"
                                         standard="mod_einbuergerung-Nachricht" version="1.0">
      <xsl:if test="kopf/test">
        <xsl:attribute name="test"><xsl:value-of select="kopf/test"/></xsl:attribute>
      </xsl:if>
      <xsl:apply-templates select="kopf"/>
      <vorgang>
        <vorgangsnummer><xsl:value-of select="kopf/vorgangsnummer"/></vorgangsnummer>
        <gemeindeschluessel><xsl:value-of select="kopf/ags"/></gemeindeschluessel>
        <formular>
          <version><xsl:value-of select="kopf/formularversion"/></version>
          <pruefsumme><xsl:value-of select="kopf/formularhash"/></pruefsumme>
        </formular>
      </vorgang>
      <xsl:apply-templates select="einbuergerungsantrag"/>
      <xsl:call-template name="anlagen">
        <xsl:with-param name="dokumente" select="einbuergerungsantrag//*[@typ = 'files']"/>
      </xsl:call-template>
    </nachricht:antrag.einbuergerung.0100>
  </xsl:template>

  <!-- The header, in the shape of the XÖV-Basisnachricht g2g 1.1 -->

  <xsl:template match="kopf">
    <nachrichtenkopf.g2g>
      <identifikation.nachricht>
        <nachrichtenUUID><xsl:value-of select="uuid"/></nachrichtenUUID>
        <nachrichtentyp listURI="urn:mod-einbuergerung:codeliste:nachrichtentyp" listVersionID="1">
          <code>0100</code>
        </nachrichtentyp>
        <erstellungszeitpunkt><xsl:value-of select="erstellt"/></erstellungszeitpunkt>
      </identifikation.nachricht>
      <leser><xsl:apply-templates select="leser"/></leser>
      <autor><xsl:apply-templates select="autor"/></autor>
    </nachrichtenkopf.g2g>
  </xsl:template>

  <xsl:template match="leser | autor">
    <verzeichnisdienst listURI="urn:xoev-de:kosit:codeliste:verzeichnisdienst"
                       listVersionID="{$verzeichnisdienst-version}">
      <code><xsl:value-of select="verzeichnisdienst"/></code>
    </verzeichnisdienst>
    <kennung><xsl:value-of select="kennung"/></kennung>
    <name><xsl:value-of select="name"/></name>
    <xsl:apply-templates select="email | telefon"/>
  </xsl:template>

  <xsl:template match="kopf/*/email | kopf/*/telefon">
    <erreichbarkeit>
      <kanal listURI="urn:de:xoev:codeliste:erreichbarkeit" listVersionID="{$erreichbarkeit-version}">
        <code>
          <xsl:choose>
            <xsl:when test="self::email">01</xsl:when>
            <xsl:otherwise>02</xsl:otherwise>
          </xsl:choose>
        </code>
      </kanal>
      <kennung><xsl:value-of select="."/></kennung>
    </erreichbarkeit>
  </xsl:template>

  <!-- The application: its sections, each with the lists that belong to it -->

  <xsl:template match="einbuergerungsantrag">
    <antrag>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'antragsgegenstand'"/>
        <xsl:with-param name="kern" select="antrag"/>
      </xsl:call-template>
      <xsl:apply-templates select="vertretung"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'person'"/>
        <xsl:with-param name="kern" select="person"/>
        <xsl:with-param name="dazu" select="fruehereNamen/*"/>
      </xsl:call-template>
      <xsl:apply-templates select="kontakt"/>
      <xsl:apply-templates select="staatsangehoerigkeiten/*"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'herkunft'"/>
        <xsl:with-param name="kern" select="herkunft"/>
        <xsl:with-param name="dazu" select="fruehereStaatsangehoerigkeiten/*"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'identitaet'"/>
        <xsl:with-param name="kern" select="identitaet"/>
        <xsl:with-param name="dazu" select="ausweise/*"/>
      </xsl:call-template>
      <xsl:apply-templates select="wehrdienst"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'aufenthalt'"/>
        <xsl:with-param name="kern" select="aufenthalt"/>
        <xsl:with-param name="dazu" select="inlandsaufenthalte/* | auslandsaufenthalte/* | asylverfahren |
                                            fruehereAntraege/* | sperrfrist"/>
      </xsl:call-template>
      <xsl:apply-templates select="ehegatte | fruehereEhen/* | kinder/* | eltern/*"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'bildung'"/>
        <xsl:with-param name="kern" select="bildung"/>
        <xsl:with-param name="dazu" select="schulabschluesse/* | ausbildungen/* | studien/*"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'beruf'"/>
        <xsl:with-param name="kern" select="beruf"/>
        <xsl:with-param name="dazu" select="beschaeftigungen/* | selbstaendigkeit"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'lebensunterhalt'"/>
        <xsl:with-param name="kern" select="lebensunterhalt"/>
        <xsl:with-param name="dazu" select="einkommen/* | leistungen/* | unterhaltspflichten/* | wohnung | vorsorge"/>
      </xsl:call-template>
      <xsl:apply-templates select="sprache | test"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'straftaten'"/>
        <xsl:with-param name="kern" select="straftaten"/>
        <xsl:with-param name="dazu" select="verurteilungenInland/* | verurteilungenAusland/* |
                                            ermittlungsverfahrenInland/* | ermittlungsverfahrenAusland/* |
                                            massregeln/*"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'bekenntnis'"/>
        <xsl:with-param name="kern" select="bekenntnis"/>
        <xsl:with-param name="dazu" select="mitgliedschaften/*"/>
      </xsl:call-template>
      <xsl:apply-templates select="erklaerungen"/>
    </antrag>
  </xsl:template>

  <xsl:template name="abschnitt">
    <xsl:param name="als"/>
    <xsl:param name="kern"/>
    <xsl:param name="dazu" select="/.."/>
    <xsl:if test="$kern or $dazu">
      <xsl:element name="{$als}">
        <xsl:apply-templates select="$kern" mode="inhalt"/>
        <xsl:apply-templates select="$dazu"/>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <!-- The documents: wherever they were asked for, they follow the application in one list -->

  <xsl:template match="nachweise"/>

  <xsl:template name="anlagen">
    <xsl:param name="dokumente"/>
    <xsl:if test="$dokumente">
      <anlagen>
        <xsl:for-each select="$dokumente/datei">
          <xsl:sort select="nummer" data-type="number"/>
          <anlage>
            <laufendeNummer><xsl:value-of select="nummer"/></laufendeNummer>
            <xsl:apply-templates select=".." mode="dokument"/>
            <anhang><xsl:value-of select="anhang"/></anhang>
            <dateiname><xsl:value-of select="name"/></dateiname>
            <dateityp><xsl:value-of select="mediatyp"/></dateityp>
            <groesse><xsl:value-of select="groesse"/></groesse>
            <sha512><xsl:value-of select="sha512"/></sha512>
            <xsl:apply-templates select="pruefergebnis" mode="dokument"/>
          </anlage>
        </xsl:for-each>
        <xsl:for-each select="$dokumente[@nachgereicht]">
          <xsl:sort select="boolean(ancestor::kind)"/>
          <nachreichung><xsl:apply-templates select="." mode="dokument"/></nachreichung>
        </xsl:for-each>
      </anlagen>
    </xsl:if>
  </xsl:template>

  <xsl:template mode="dokument" match="*">
    <dokumentart>
      <xsl:copy-of select="@listURI | @listVersionID"/>
      <code><xsl:value-of select="@art"/></code>
      <name><xsl:value-of select="@name"/></name>
    </dokumentart>
    <bezugsperson>
      <rolle listURI="urn:mod-einbuergerung:codeliste:bezugsperson" listVersionID="{$bezugsperson-version}">
        <xsl:choose>
          <xsl:when test="ancestor::kind"><code>kind</code><name>Kind</name></xsl:when>
          <xsl:when test="ancestor::ehegatte"><code>ehegatte</code><name>Ehegatte oder Lebenspartner</name></xsl:when>
          <xsl:when test="ancestor::vertretung"><code>vertretung</code><name>vertretende Person</name></xsl:when>
          <xsl:otherwise><code>antragstellend</code><name>antragstellende Person</name></xsl:otherwise>
        </xsl:choose>
      </rolle>
      <xsl:for-each select="ancestor::kind">
        <kind><xsl:call-template name="kind-nummer"/></kind>
      </xsl:for-each>
    </bezugsperson>
  </xsl:template>

  <xsl:template mode="dokument" match="pruefergebnis">
    <pruefergebnis listURI="urn:mod-einbuergerung:codeliste:pruefergebnis" listVersionID="{$pruefergebnis-version}">
      <code><xsl:value-of select="."/></code>
      <name>
        <xsl:choose>
          <xsl:when test=". = 'unauffaellig'">auf Schadprogramme geprüft, unauffällig</xsl:when>
          <xsl:otherwise>nicht auf Schadprogramme geprüft</xsl:otherwise>
        </xsl:choose>
      </name>
    </pruefergebnis>
  </xsl:template>

  <xsl:template match="kind">
    <kind>
      <laufendeNummer><xsl:call-template name="kind-nummer"/></laufendeNummer>
      <xsl:apply-templates select="." mode="inhalt"/>
    </kind>
  </xsl:template>

  <xsl:template name="kind-nummer"><xsl:value-of select="count(preceding-sibling::kind) + 1"/></xsl:template>

  <!-- Elements: a copy of the name, around the content of its kind -->

  <xsl:template match="*">
    <xsl:copy>
      <xsl:apply-templates select="." mode="inhalt"/>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="*" mode="inhalt">
    <xsl:choose>
      <xsl:when test="@typ = 'code'">
        <xsl:copy-of select="@listURI | @listVersionID"/>
        <code><xsl:value-of select="."/></code>
        <xsl:if test="@name">
          <name><xsl:value-of select="@name"/></name>
        </xsl:if>
      </xsl:when>
      <xsl:when test="@typ = 'partialDate'">
        <xsl:choose>
          <xsl:when test="string-length() = 10"><jahrMonatTag><xsl:value-of select="."/></jahrMonatTag></xsl:when>
          <xsl:when test="string-length() = 7"><jahrMonat><xsl:value-of select="."/></jahrMonat></xsl:when>
          <xsl:otherwise><jahr><xsl:value-of select="."/></jahr></xsl:otherwise>
        </xsl:choose>
      </xsl:when>
      <xsl:when test="@typ"><xsl:value-of select="."/></xsl:when>
      <xsl:otherwise><xsl:apply-templates/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Groups about a person: parts with a structure of their own come first, then the other fields -->

  <xsl:template match="einbuergerungsantrag/person | vertretung | zweitePerson | ehegatte | kind | andererElternteil |
                       elternteil1 | elternteil2 | aufenthalt" mode="inhalt">
    <xsl:if test="istPartner = 'true'">
      <xsl:for-each select="/vorgang/einbuergerungsantrag/ehegatte"><xsl:call-template name="name"/></xsl:for-each>
    </xsl:if>
    <xsl:call-template name="name"/>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'geburt'"/>
      <xsl:with-param name="felder" select="geburtsdatum | geburtsort | geburtsbezirk | geburtsstaat"/>
    </xsl:call-template>
    <xsl:apply-templates select="staatsangehoerigkeit1 | staatsangehoerigkeit2 | staatsangehoerigkeit3" mode="teil"/>
    <xsl:if test="staatsangehoerigkeitWieIch = 'true'">
      <xsl:apply-templates select="/vorgang/einbuergerungsantrag/staatsangehoerigkeiten/*/staat" mode="wie-ich"/>
    </xsl:if>
    <xsl:if test="anschriftStaat">
      <xsl:call-template name="teil">
        <xsl:with-param name="als" select="'anschrift'"/>
        <xsl:with-param name="felder" select="anschriftStaat | anschrift/*"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'aufenthaltstitel'"/>
      <xsl:with-param name="felder" select="titel | titelParagraph | titelErteiltAm | titelBefristet | titelGueltigBis |
                                            titelBehoerde"/>
    </xsl:call-template>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'ausweis'"/>
      <xsl:with-param name="felder" select="ausweisArt | ausweisNummer | ausweisBehoerde | ausweisGueltigBis"/>
    </xsl:call-template>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'eheschliessung'"/>
      <xsl:with-param name="felder" select="eheschliessungAm | eheschliessungOrt | eheschliessungStaat"/>
    </xsl:call-template>
    <xsl:apply-templates/>
  </xsl:template>

  <!-- In a former marriage, name, birth and nationality are those of the other person. -->
  <xsl:template match="fruehereEhe" mode="inhalt">
    <xsl:apply-templates select="*[not(self::staatsangehoerigkeit)]"/>
    <xsl:if test="familienname | ohneVorname | vornamen | geburtsdatum | staatsangehoerigkeit">
      <ehegatte>
        <xsl:call-template name="name"/>
        <xsl:call-template name="teil">
          <xsl:with-param name="als" select="'geburt'"/>
          <xsl:with-param name="felder" select="geburtsdatum"/>
        </xsl:call-template>
        <xsl:apply-templates select="staatsangehoerigkeit"/>
      </ehegatte>
    </xsl:if>
  </xsl:template>

  <xsl:template name="name">
    <xsl:if test="familienname | ohneVorname | vornamen | geburtsname | doktorgrad | namensbestandteile">
      <name>
        <xsl:apply-templates select="familienname" mode="allgemeiner-name"/>
        <xsl:apply-templates select="vornamen" mode="allgemeiner-name"/>
        <xsl:if test="ohneVorname and not(vornamen)">
          <vornamen><nichtVorhanden><xsl:value-of select="ohneVorname"/></nichtVorhanden></vornamen>
        </xsl:if>
        <xsl:apply-templates select="geburtsname" mode="allgemeiner-name"/>
        <xsl:apply-templates select="doktorgrad | namensbestandteile" mode="teil"/>
      </name>
    </xsl:if>
  </xsl:template>

  <xsl:template match="*" mode="allgemeiner-name">
    <xsl:copy>
      <name><xsl:value-of select="."/></name>
    </xsl:copy>
  </xsl:template>

  <xsl:template name="teil">
    <xsl:param name="als"/>
    <xsl:param name="felder"/>
    <xsl:if test="$felder">
      <xsl:element name="{$als}">
        <xsl:apply-templates select="$felder" mode="teil"/>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <!-- What the parts have taken is not repeated among the other fields. -->
  <xsl:template match="familienname | ohneVorname | vornamen | geburtsname | doktorgrad | namensbestandteile |
                       geburtsdatum | geburtsort | geburtsbezirk | geburtsstaat |
                       staatsangehoerigkeit1 | staatsangehoerigkeit2 | staatsangehoerigkeit3 |
                       anschriftStaat | anschrift[../anschriftStaat] |
                       titel | titelParagraph | titelErteiltAm | titelBefristet | titelGueltigBis | titelBehoerde |
                       ausweisArt | ausweisNummer | ausweisBehoerde | ausweisGueltigBis |
                       eheschliessungAm | eheschliessungOrt | eheschliessungStaat"/>

  <xsl:template match="vertretung/wohntZusammen">
    <wohntZusammen><xsl:value-of select="."/></wohntZusammen>
    <xsl:if test=". = 'true'">
      <xsl:apply-templates select="/vorgang/einbuergerungsantrag/kontakt/anschrift"/>
    </xsl:if>
  </xsl:template>

  <!-- Other names than in the form -->

  <xsl:template mode="teil" match="*">
    <xsl:copy><xsl:apply-templates select="." mode="inhalt"/></xsl:copy>
  </xsl:template>
  <xsl:template mode="teil" match="staatsangehoerigkeit1 | staatsangehoerigkeit2 | staatsangehoerigkeit3">
    <staatsangehoerigkeit><xsl:apply-templates select="." mode="inhalt"/></staatsangehoerigkeit>
  </xsl:template>
  <xsl:template mode="wie-ich" match="staat">
    <staatsangehoerigkeit><xsl:apply-templates select="." mode="inhalt"/></staatsangehoerigkeit>
  </xsl:template>
  <xsl:template mode="teil" match="zeile1 | zeile2 | zeile3">
    <zeile><xsl:apply-templates select="." mode="inhalt"/></zeile>
  </xsl:template>
  <xsl:template mode="teil" match="geburtsdatum | eheschliessungAm">
    <datum><xsl:apply-templates select="." mode="inhalt"/></datum>
  </xsl:template>
  <xsl:template mode="teil" match="geburtsort | eheschliessungOrt">
    <ort><xsl:apply-templates select="." mode="inhalt"/></ort>
  </xsl:template>
  <xsl:template mode="teil" match="geburtsbezirk">
    <bezirk><xsl:apply-templates select="." mode="inhalt"/></bezirk>
  </xsl:template>
  <xsl:template mode="teil" match="geburtsstaat | eheschliessungStaat | anschriftStaat">
    <staat><xsl:apply-templates select="." mode="inhalt"/></staat>
  </xsl:template>
  <xsl:template mode="teil" match="titel | ausweisArt">
    <art><xsl:apply-templates select="." mode="inhalt"/></art>
  </xsl:template>
  <xsl:template mode="teil" match="titelParagraph">
    <rechtsgrundlage><xsl:apply-templates select="." mode="inhalt"/></rechtsgrundlage>
  </xsl:template>
  <xsl:template mode="teil" match="titelErteiltAm">
    <erteiltAm><xsl:apply-templates select="." mode="inhalt"/></erteiltAm>
  </xsl:template>
  <xsl:template mode="teil" match="titelBefristet">
    <befristet><xsl:apply-templates select="." mode="inhalt"/></befristet>
  </xsl:template>
  <xsl:template mode="teil" match="titelGueltigBis | ausweisGueltigBis">
    <gueltigBis><xsl:apply-templates select="." mode="inhalt"/></gueltigBis>
  </xsl:template>
  <xsl:template mode="teil" match="titelBehoerde | ausweisBehoerde">
    <behoerde><xsl:apply-templates select="." mode="inhalt"/></behoerde>
  </xsl:template>
  <xsl:template mode="teil" match="ausweisNummer">
    <nummer><xsl:apply-templates select="." mode="inhalt"/></nummer>
  </xsl:template>

  <xsl:template match="fruehereName">
    <fruehererName><xsl:apply-templates select="." mode="inhalt"/></fruehererName>
  </xsl:template>
  <xsl:template match="fruehereAntrag">
    <fruehererAntrag><xsl:apply-templates select="." mode="inhalt"/></fruehererAntrag>
  </xsl:template>
  <xsl:template match="elternteil1 | elternteil2">
    <elternteil><xsl:apply-templates select="." mode="inhalt"/></elternteil>
  </xsl:template>
  <xsl:template match="verurteilungenInland/verurteilung">
    <verurteilungInland><xsl:apply-templates/></verurteilungInland>
  </xsl:template>
  <xsl:template match="verurteilungenAusland/verurteilung">
    <verurteilungAusland><xsl:apply-templates/></verurteilungAusland>
  </xsl:template>
  <xsl:template match="ermittlungsverfahrenInland/verfahren">
    <ermittlungsverfahrenInland><xsl:apply-templates/></ermittlungsverfahrenInland>
  </xsl:template>
  <xsl:template match="ermittlungsverfahrenAusland/verfahren">
    <ermittlungsverfahrenAusland><xsl:apply-templates/></ermittlungsverfahrenAusland>
  </xsl:template>
</xsl:stylesheet>
