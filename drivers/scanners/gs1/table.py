"""The table of application identifiers, as text: one line of data for each identifier or run of identifiers.

Knows what the GS1 General Specifications, release 26 (January 2026), sections 3 and 4.13 to 4.14, and the GS1 Digital
Link URI Syntax, release 1.7, say about each; :mod:`drivers.scanners.gs1.identifiers` reads it. The facts were checked
against the GS1 Barcode Syntax Dictionary of 27 January 2026.

Columns, separated by ``|``:

1. identifier, or first-last;
2. data title;
3. value: fields separated by spaces, each a character set (N digits, X set 82, Y set 39, Z set 64), a length (``6``) or
   a longest length (``..20``), and after colons the checks of :mod:`drivers.scanners.gs1.contents`; ``[ ]`` is optional;
4. companions: alternatives separated by spaces of which one must be there, ``+`` for both, ``n`` for any digit;
5. never with: identifiers that must not be there;
6. Digital Link: ``key`` with the qualifiers that may follow it in this order (``/`` separates alternatives), and
   ``query`` if it may stand in the query.
"""

from typing import Final

TABLE: Final = """
00|SSCC|N18:mod10|||key query
01|GTIN|N14:mod10||255 37|key 22 10 21/235 query
02|CONTENT|N14:mod10|37|01 03|query
03|MTO GTIN|N14:mod10||01 02 37 235|
10|BATCH/LOT|X..20|01 02 03 8006 8026||query
11|PROD DATE|N6:date0|01 02 03 8006 8026||query
12|DUE DATE|N6:date0|8020||query
13|PACK DATE|N6:date0|01 02 03 8006 8026||query
15|BEST BEFORE or BEST BY|N6:date0|01 02 03 8006 8026||query
16|SELL BY|N6:date0|01 02 03 8006 8026||query
17|USE BY or EXPIRY|N6:date0|01 02 03 255 8006 8026||query
20|VARIANT|N2|01 02 03 8006 8026||query
21|SERIAL|X..20|01 03 8006|235|
22|CPV|X..20|01||
235|TPX|X..28|01||
240|ADDITIONAL ID|X..30|01 02 03 8006 8026||query
241|CUST. PART No.|X..30|01 02 03 8006 8026||query
242|MTO VARIANT|N..6|01 02 8006 8026||query
243|PCN|X..20|01 03||query
250|SECONDARY SERIAL|X..30|01+21 03+21 8006+21||query
251|REF. TO SOURCE|X..30|01 03 8006||query
253|GDTI|N13:mod10 [X..17]|||key query
254|GLN EXTENSION COMPONENT|X..20|414||
255|GCN|N13:mod10 [N..12]||01 02 415 8006 8020 8026|key query
30|VAR. COUNT|N..8|01 02||query
3100-3105|NET WEIGHT (kg)|N6|01 02|310n|query
3110-3115|LENGTH (m)|N6|01 02|311n|query
3120-3125|WIDTH (m)|N6|01 02|312n|query
3130-3135|HEIGHT (m)|N6|01 02|313n|query
3140-3145|AREA (m2)|N6|01 02|314n|query
3150-3155|NET VOLUME (l)|N6|01 02|315n|query
3160-3165|NET VOLUME (m3)|N6|01 02|316n|query
3200-3205|NET WEIGHT (lb)|N6|01 02|320n|query
3210-3215|LENGTH (in)|N6|01 02|321n|query
3220-3225|LENGTH (ft)|N6|01 02|322n|query
3230-3235|LENGTH (yd)|N6|01 02|323n|query
3240-3245|WIDTH (in)|N6|01 02|324n|query
3250-3255|WIDTH (ft)|N6|01 02|325n|query
3260-3265|WIDTH (yd)|N6|01 02|326n|query
3270-3275|HEIGHT (in)|N6|01 02|327n|query
3280-3285|HEIGHT (ft)|N6|01 02|328n|query
3290-3295|HEIGHT (yd)|N6|01 02|329n|query
3300-3305|GROSS WEIGHT (kg)|N6|00 01|330n|query
3310-3315|LENGTH (m), log|N6|00 01|331n|query
3320-3325|WIDTH (m), log|N6|00 01|332n|query
3330-3335|HEIGHT (m), log|N6|00 01|333n|query
3340-3345|AREA (m2), log|N6|00 01|334n|query
3350-3355|VOLUME (l), log|N6|00 01|335n|query
3360-3365|VOLUME (m3), log|N6|00 01|336n|query
3370-3375|KG PER m2|N6|01|337n|query
3400-3405|GROSS WEIGHT (lb)|N6|00 01|340n|query
3410-3415|LENGTH (in), log|N6|00 01|341n|query
3420-3425|LENGTH (ft), log|N6|00 01|342n|query
3430-3435|LENGTH (yd), log|N6|00 01|343n|query
3440-3445|WIDTH (in), log|N6|00 01|344n|query
3450-3455|WIDTH (ft), log|N6|00 01|345n|query
3460-3465|WIDTH (yd), log|N6|00 01|346n|query
3470-3475|HEIGHT (in), log|N6|00 01|347n|query
3480-3485|HEIGHT (ft), log|N6|00 01|348n|query
3490-3495|HEIGHT (yd), log|N6|00 01|349n|query
3500-3505|AREA (in2)|N6|01 02|350n|query
3510-3515|AREA (ft2)|N6|01 02|351n|query
3520-3525|AREA (yd2)|N6|01 02|352n|query
3530-3535|AREA (in2), log|N6|00 01|353n|query
3540-3545|AREA (ft2), log|N6|00 01|354n|query
3550-3555|AREA (yd2), log|N6|00 01|355n|query
3560-3565|NET WEIGHT (tr oz)|N6|01 02|356n|query
3570-3575|NET VOLUME (oz)|N6|01 02|357n|query
3600-3605|NET VOLUME (qt (US))|N6|01 02|360n|query
3610-3615|NET VOLUME (gal (US))|N6|01 02|361n|query
3620-3625|VOLUME (qt (US)), log|N6|00 01|362n|query
3630-3635|VOLUME (gal (US)), log|N6|00 01|363n|query
3640-3645|NET VOLUME (in3)|N6|01 02|364n|query
3650-3655|NET VOLUME (ft3)|N6|01 02|365n|query
3660-3665|NET VOLUME (yd3)|N6|01 02|366n|query
3670-3675|VOLUME (in3), log|N6|00 01|367n|query
3680-3685|VOLUME (ft3), log|N6|00 01|368n|query
3690-3695|VOLUME (yd3), log|N6|00 01|369n|query
37|COUNT|N..8|00+02 00+8026||query
3900-3909|AMOUNT|N..15|255 8020|390n 391n 394n 8111|query
3910-3919|AMOUNT|N3:currency N..15|8020|391n|query
3920-3929|PRICE|N..15|01+30 01+31nn 01+32nn 01+35nn 01+36nn|392n 393n|query
3930-3939|PRICE|N3:currency N..15|30 31nn 32nn 35nn 36nn|393n|query
3940-3943|PRCNT OFF|N4|255|394n 8111|query
3950-3955|PRICE/UoM|N6|30 31nn 32nn 35nn 36nn|392n 393n 395n 8005|query
400|ORDER NUMBER|X..30|||query
401|GINC|X..30:company_prefix|||key query
402|GSIN|N17:mod10|||key query
403|ROUTE|X..30|00||query
410|SHIP TO LOC|N13:mod10|||query
411|BILL TO|N13:mod10|||query
412|PURCHASE FROM|N13:mod10|||query
413|SHIP FOR LOC|N13:mod10|||query
414|LOC No.|N13:mod10|||key 254/7040 query
415|PAY TO|N13:mod10|8020||key 8020 query
416|PROD/SERV LOC|N13:mod10|||query
417|PARTY|N13:mod10|||key 7040 query
420|SHIP TO POST|X..20||421|query
421|SHIP TO POST|N3:country X..9||4307|query
422|ORIGIN|N3:country|01 02 03 8006 8026|426|query
423|COUNTRY - INITIAL PROCESS|N3:country [N3:country] [N3:country] [N3:country] [N3:country]|01 02 03|426|query
424|COUNTRY - PROCESS|N3:country|01 02 03|426|query
425|COUNTRY - DISASSEMBLY|N3:country [N3:country] [N3:country] [N3:country] [N3:country]|01 02 03|426|query
426|COUNTRY - FULL PROCESS|N3:country|01 02 03||query
427|ORIGIN SUBDIVISION|X..3|01+422 02+422 03+422||query
4300|SHIP TO COMP|X..35:percent|00||query
4301|SHIP TO NAME|X..35:percent|00||query
4302|SHIP TO ADD1|X..70:percent|00||query
4303|SHIP TO ADD2|X..70:percent|4302||query
4304|SHIP TO SUB|X..70:percent|00||query
4305|SHIP TO LOC|X..70:percent|00||query
4306|SHIP TO REG|X..70:percent|00||query
4307|SHIP TO COUNTRY|X2:country2|00||query
4308|SHIP TO PHONE|X..30|00||query
4309|SHIP TO GEO|N10:latitude N10:longitude|00||query
4310|RTN TO COMP|X..35:percent|00||query
4311|RTN TO NAME|X..35:percent|00||query
4312|RTN TO ADD1|X..70:percent|00||query
4313|RTN TO ADD2|X..70:percent|4312||query
4314|RTN TO SUB|X..70:percent|00||query
4315|RTN TO LOC|X..70:percent|00||query
4316|RTN TO REG|X..70:percent|00||query
4317|RTN TO COUNTRY|X2:country2|00||query
4318|RTN TO POST|X..20|00||query
4319|RTN TO PHONE|X..30|00||query
4320|SRV DESCRIPTION|X..35:percent|00||query
4321|DANGEROUS GOODS|N1:flag|00||query
4322|AUTH TO LEAVE|N1:flag|00||query
4323|SIG REQUIRED|N1:flag|00||query
4324|NBEF DEL DT|N6:date0 N4:time_or_none|00||query
4325|NAFT DEL DT|N6:date0 N4:time_or_none|00||query
4326|REL DATE|N6:date|00||query
4330|MAX TEMP F|N6 [X1:minus]|00|4331|query
4331|MAX TEMP C|N6 [X1:minus]|00|4330|query
4332|MIN TEMP F|N6 [X1:minus]|00|4333|query
4333|MIN TEMP C|N6 [X1:minus]|00|4332|query
7001|NSN|N13|01 02 8006 8026||query
7002|MEAT CUT|X..30|01 02||query
7003|EXPIRY TIME|N6:date N4:time|01 02 03||query
7004|ACTIVE POTENCY|N..4|01+10 03+10||query
7005|CATCH AREA|X..12|01 02||query
7006|FIRST FREEZE DATE|N6:date|01 02||query
7007|HARVEST DATE|N6:date [N6:date]|01 02||query
7008|AQUATIC SPECIES|X..3|01 02||query
7009|FISHING GEAR TYPE|X..10|01 02||query
7010|PROD METHOD|X..2|01 02 03||query
7011|TEST BY DATE|N6:date [N4:time]|01 02 03||query
7020|REFURB LOT|X..20|01+416 03+416 8006+416||query
7021|FUNC STAT|X..20|01 03 8006||query
7022|REV STAT|X..20|01+7021 03+7021 8006+7021||query
7023|GIAI - ASSEMBLY|X..30:company_prefix|||query
7030-7039|PROCESSOR|N3:country_or_999 X..27|01 02||query
7040|UIC+EXT|N1 X1 X1 X1:importer|||
7041|UFRGT UNIT TYPE|X..4:package|00||
710|NHRN PZN|X..20|01||query
711|NHRN CIP|X..20|01||query
712|NHRN CN|X..20|01||query
713|NHRN DRN|X..20|01||query
714|NHRN AIM|X..20|01||query
715|NHRN NDC|X..20|01||query
716|NHRN AIC|X..20|01||query
717|NHRN SRN|X..20|01||query
7230-7239|CERT|X2 X..28|01 8004||query
7240|PROTOCOL|X..20|01 8006|03|query
7241|AIDC MEDIA TYPE|N2:media|8017 8018||query
7242|VCN|X..25|8017 8018||query
7250|DOB|N8:date8|8018|7251|query
7251|DOB TIME|N8:date8 N4:time|8018|7250|query
7252|BIO SEX|N1:sex|8018||query
7253|FAMILY NAME|X..40:percent|8017 8018|7256 7259|query
7254|GIVEN NAME|X..40:percent|8017 8018|7256 7259|query
7255|SUFFIX|X..10|8017 8018|7256 7259|query
7256|FULL NAME|X..90:percent|8017 8018||query
7257|PERSON ADDR|X..70:percent|8018||query
7258|BIRTH SEQUENCE|X3:sequence|8018+7259||query
7259|BABY|X..40:percent|8018|7256|query
8001|DIMENSIONS|N4:nonzero N5:nonzero N3:nonzero N1:winding N1|01||query
8002|CMT No.|X..20|||query
8003|GRAI|N1:zero N13:mod10 [X..16]|||key query
8004|GIAI|X..30:company_prefix|||key 7040 query
8005|PRICE PER UNIT|N6|01 02||query
8006|ITIP|N14:mod10 N4:pieces||01 03 37|key 22 10 21 query
8007|IBAN|X..34:iban|415||query
8008|PROD TIME|N6:date N2:hour [N2:minute] [N2:second]|01 02 03||query
8009|OPTSEN|X..50|00 01 03||query
8010|CPID|Y..30:company_prefix|||key 8011 query
8011|CPID SERIAL|N..12:no_zero_first|8010||
8012|VERSION|X..20|01 03 8006||query
8013|GMN|X..25:pair:company_prefix|||key query
8014|MUDI|X..25:pair:company_prefix:not_digits|01||
8017|GSRN - PROVIDER|N18:mod10||8018|key 8019 query
8018|GSRN - RECIPIENT|N18:mod10||8017|key 8019 query
8019|SRIN|N..10|8017 8018||
8020|REF No.|X..25|415||
8026|ITIP CONTENT|N14:mod10 N4:pieces|37|02 03 8006|query
8030|DIGSIG|Z..90:padding|00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018||query
8040|IMEI|N15|01+21||
8041|IMEI2|N15|01+21+8040||
8042|ESIM|N32|01+21+8040||
8043|PSIM|N18 [N..2]|01+21+8040||
8110||X..70:coupon|||query
8111|POINTS|N4|255||query
8112||X..70:offer|||query
8200|PRODUCT URL|X..70|01||
90|INTERNAL|X..30|||query
91-99|INTERNAL|X..90|||query
"""
