/** On load of Customer Service workspace (a form's OnLoad, or a command): the payment panel as a pane at its side. */
export async function openTonelockPane() {
  const id = 'tonelock';
  const pane =
    Xrm.App.sidePanes.getPane(id) ??
    (await Xrm.App.sidePanes.createPane({
      paneId: id,
      title: 'Secure payment',
      imageSrc: 'WebResources/new_tonelock_icon',
      canClose: false,
      alwaysRender: true,
      width: 420,
    }));
  await pane.navigate({ pageType: 'webresource', webresourceName: 'new_/tonelock-pane.html' });
  pane.select();
}
